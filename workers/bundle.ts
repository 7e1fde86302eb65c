/** What the workflows' bundle is made of; the build makes it once, a worker without one makes it at its start. */
import { FAILURE_CONVERTER } from '../codec/codecs.js';

/** For Temporal's bundler. */
export const BUNDLE_OPTIONS = {
  workflowsPath: require.resolve('../workflows/index.js'),
  workflowInterceptorModules: [require.resolve('../workflows/engine/tickets.js')],
  failureConverterPath: FAILURE_CONVERTER,
};
