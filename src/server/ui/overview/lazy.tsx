import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** How far outside the window things are made ready, in pixels: a page's height of scrolling or of tabbing. */
const marginPx = 900

const shown = new WeakMap<Element, (visible: boolean) => void>()
const observer = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) shown.get(entry.target)?.(entry.isIntersecting)
  },
  { rootMargin: `${marginPx}px 0px` },
)

/** Holds the place of its content and makes it only near the window, so that a thousand sensors cost a screenful. */
export function Lazy({ height, children }: { height: number; children: () => ComponentChildren }) {
  const place = useRef<HTMLDivElement>(null)
  const [visible, setVisible] = useState(false)
  const kept = useRef(height)
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return
    shown.set(element, (now) => {
      // What has the focus stays, wherever the window goes.
      if (!now && element.contains(document.activeElement)) return
      if (!now) kept.current = Math.max(element.offsetHeight, 1)
      setVisible(now)
    })
    observer.observe(element)
    return () => observer.unobserve(element)
  }, [])
  return (
    <div ref={place} class="lazy" style={{ minHeight: visible ? undefined : `${kept.current}px` }}>
      {visible ? children() : null}
    </div>
  )
}
