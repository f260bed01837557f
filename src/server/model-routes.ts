import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { OperatingError } from '../base/errors.ts'
import { type ModelChangeBy, ModelRefusal, type PlantModels } from '../ports/plant-models.ts'
import type { PipelineApi } from '../runtime/api.ts'
import type { AccessControl } from './access.ts'
import { HttpError } from './http-error.ts'
import { type ModelsAnswer, modelsAnswer, writeModels } from './model-schema.ts'
import { nothing, type Route, route } from './route.ts'

const name = z.strictObject({ name: z.string().min(1).describe('Name of a registered model') })
const reason = z.string().max(500).default('').describe('Why; kept in the audit log')
const version = z.int().min(1)
const answers = { 200: { description: 'What runs and what is registered, after the change', schema: modelsAnswer } }

function answerOf(api: PipelineApi, models: PlantModels | undefined): ModelsAnswer {
  if (models !== undefined) return writeModels(models.running(), models.registered())
  const { model } = api.status()
  return writeModels(
    { model, shadow: null, follows: null, problem: null, lastChange: null },
    { models: [], damaged: [] },
  )
}

/** Makes a change and answers with what came of it. */
async function changed(
  api: PipelineApi,
  models: PlantModels | undefined,
  change: (models: PlantModels) => Promise<void>,
): Promise<ModelsAnswer> {
  if (models === undefined) {
    throw new HttpError('not_found', 'this plant has no registry of models', 'run it with residua run and a registry')
  }
  try {
    await change(models)
  } catch (error) {
    if (error instanceof ModelRefusal) {
      const code = error.kind === 'unknown' ? 'not_found' : 'conflict'
      throw new HttpError(code, error.message, 'GET /api/v1/models lists names and versions')
    }
    if (error instanceof OperatingError && error.code === 'model') {
      throw new HttpError('conflict', error.message, 'nothing was changed; register the version again')
    }
    throw error
  }
  return answerOf(api, models)
}

/** `/api/v1/models` and the changes of a registered model. */
export function modelRoutes(
  api: PipelineApi,
  models: PlantModels | undefined,
  access: AccessControl,
): readonly Route[] {
  const who = (request: FastifyRequest, why: string): ModelChangeBy => ({ by: access.who(request), reason: why })
  const change = { method: 'POST', access: 'engineer', params: name, query: nothing, answers } as const
  const json = { contentType: 'application/json', description: 'What to change, and why' }
  return [
    route({
      method: 'GET',
      path: '/api/v1/models',
      access: 'read',
      summary: 'The model and the shadow that run, and the registered models with versions, changes and comparison.',
      params: nothing,
      query: nothing,
      answers: { 200: { description: 'What runs and what is registered', schema: modelsAnswer } },
      handle: () => answerOf(api, models),
    }),
    route({
      ...change,
      path: '/api/v1/models/{name}/promote',
      summary:
        'Makes a version live. A plant that follows the model runs it when this answers; state is kept where shapes allow.',
      body: { ...json, schema: z.strictObject({ version, reason }) },
      handle: ({ params, body, request }) =>
        changed(api, models, (all) => all.promote(params.name, body.version, who(request, body.reason))),
    }),
    route({
      ...change,
      path: '/api/v1/models/{name}/rollback',
      summary: 'Makes live again what was live before.',
      body: { ...json, schema: z.strictObject({ reason }) },
      handle: ({ params, body, request }) =>
        changed(api, models, (all) => all.rollback(params.name, who(request, body.reason))),
    }),
    route({
      ...change,
      path: '/api/v1/models/{name}/shadow',
      summary: 'Lets a version score beside the live one, without alarms; null ends it.',
      body: { ...json, schema: z.strictObject({ version: version.nullable(), reason }) },
      handle: ({ params, body, request }) =>
        changed(api, models, (all) => all.shadow(params.name, body.version, who(request, body.reason))),
    }),
  ]
}
