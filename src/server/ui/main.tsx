import './style/tokens.css'
import './style/base.css'
import './style/shell.css'
import './style/overview.css'
import './style/sensor.css'
import './style/alarms.css'
import './style/models.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { startLive } from './live.ts'
import { applyTheme } from './theme.ts'

applyTheme()
const root = document.getElementById('app')
if (root) render(<App />, root)
startLive()
