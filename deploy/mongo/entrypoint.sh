#!/bin/bash
# mongod accepts a key file only when it alone may read it; the mounted secret keeps the owner it has on the host.
set -eu
install -m 400 -o mongodb -g mongodb /run/secrets/mongo_keyfile /tmp/keyfile
exec docker-entrypoint.sh mongod --replSet malote --keyFile /tmp/keyfile --bind_ip_all
