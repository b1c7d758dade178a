/** What the server says in the page about itself. */
const { graphiql, registration, heartbeat } = document.documentElement.dataset;

export const hasGraphiql = graphiql === 'true';
export const registrationMode = registration as 'open' | 'invite' | 'closed';
export const heartbeatSeconds = Number(heartbeat);
