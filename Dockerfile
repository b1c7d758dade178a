FROM node:24.19.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM node:24.19.0-bookworm-slim AS modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image uses an external database, so it contains none.
RUN npm pkg delete optionalDependencies && npm ci --omit=dev --ignore-scripts

FROM node:24.19.0-bookworm-slim
ENV NODE_ENV=production PORT=4000 OPS_PORT=4001 OPS_HOST=0.0.0.0
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY prisma/migrations prisma/migrations
COPY package.json LICENSE ./
# compose.yaml mounts DATABASE_URL and the secrets here. The server and the command line read them.
RUN ln -s /run/parley/.env .env
USER node
EXPOSE 4000 4001
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--disallow-code-generation-from-strings", "--enable-source-maps", "--max-semi-space-size=32", "dist/main.js"]
