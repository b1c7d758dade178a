#!/bin/sh
# Runs once, in an empty PostgreSQL. Creates the role with which nodes connect, and the database that it owns.
set -eu
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres <<'EOF'
\set password `cat "${PASSWORD_FILE:-/run/parley/node-password}"`
CREATE ROLE parley LOGIN PASSWORD :'password';
CREATE DATABASE parley OWNER parley;
EOF
