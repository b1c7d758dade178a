/** The settings that the server writes into the page. */
const { graphiql, registration, heartbeat } = document.documentElement.dataset;

export const hasGraphiql = graphiql === 'true';
export const registrationMode = registration as 'open' | 'invite' | 'closed';
export const heartbeatSeconds = Number(heartbeat);
