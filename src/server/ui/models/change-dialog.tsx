import { ReasonDialog } from '../reason-dialog.tsx'
import { changeModel, type WantedChange } from './model-data.ts'

interface Words {
  readonly title: string
  readonly text: string
  readonly button: string
}

function wordsOf({ kind, name, version }: WantedChange): Words {
  const one = `${name}@${version}`
  switch (kind) {
    case 'promote':
      return {
        title: `Make ${one} live?`,
        text: 'Every plant that follows this model scores with it from the next reading on. Sensors keep their state where the networks have one shape, and are warmed up from recent readings where not. It can be rolled back.',
        button: 'Make live',
      }
    case 'rollback':
      return {
        title: `Roll back to ${one}?`,
        text: 'The version that was live before becomes live again, in every plant that follows this model.',
        button: 'Roll back',
      }
    case 'shadow':
      return {
        title: `Let ${one} score as the shadow?`,
        text: 'It sees the same readings as the live model and raises no alarm. This page compares the two.',
        button: 'Start shadow',
      }
    default:
      return { title: `End the shadow ${one}?`, text: 'The live model goes on alone.', button: 'End shadow' }
  }
}

/** Asks once more before a model changes, and why. */
export function ChangeDialog({ change, done }: { change: WantedChange; done: () => void }) {
  return (
    <ReasonDialog
      {...wordsOf(change)}
      kept="the audit log"
      change={(reason) => changeModel(change, reason)}
      done={done}
    />
  )
}
