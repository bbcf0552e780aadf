# One image for every process of ours; which one it is, its command says.
FROM node:24.11.1-bookworm-slim AS npm
WORKDIR /app
COPY package.json package-lock.json ./
COPY tools/run-allowed-scripts.mjs tools/

# No install script runs but those that package.json allows, whatever npm the image has (docs/adr/0039).
FROM npm AS build
RUN npm ci --ignore-scripts && node tools/run-allowed-scripts.mjs
COPY . .
RUN npm run build

FROM npm AS packages
RUN npm ci --omit=dev --ignore-scripts && node tools/run-allowed-scripts.mjs

FROM node:24.11.1-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
USER node
EXPOSE 3000
CMD ["node", "dist/api/main.js"]
