#!/bin/sh
# Creates the secrets of a deployment once, and gives each service a copy of those that it needs, readable only by its
# user. Runs before every start of compose.yaml, as root; it does not change existing secrets.
set -eu
umask 077

secrets=${SECRETS_DIR:-/secrets}

random() {
  head -c 36 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_'
}

# Writes a secret atomically, because a start may be interrupted.
make() {
  file=$secrets/all/$1
  [ -s "$file" ] && return
  random >"$file.new"
  mv "$file.new" "$file"
}

# hand SERVICE FILE UID < content
hand() {
  file=$secrets/$1/$2
  cat >"$file.new"
  chown "$3" "$file.new"
  mv "$file.new" "$file"
  chown "$3" "$secrets/$1"
  chmod 700 "$secrets/$1"
}

mkdir -p "$secrets/all" "$secrets/node" "$secrets/postgres" "$secrets/redis"
make jwt-secret
make postgres-superuser
make postgres-node
make redis

all() {
  cat "$secrets/all/$1"
}

# .env of the nodes and of their command line.
hand node .env "${NODE_USER:-1000}" <<EOF
DATABASE_URL=postgresql://parley:$(all postgres-node)@postgres:5432/parley
REDIS_URL=redis://:$(all redis)@redis:6379
JWT_SECRET=$(all jwt-secret)
EOF
all postgres-superuser | hand postgres superuser-password "${POSTGRES_USER:-70}"
all postgres-node | hand postgres node-password "${POSTGRES_USER:-70}"
all redis | hand redis password "${REDIS_USER:-999}"
hand redis redis.conf "${REDIS_USER:-999}" <<EOF
requirepass $(all redis)
save ""
appendonly no
dir /tmp
EOF
