#!/bin/bash
# Healthy = primary. The first time it makes the replica set, whose only member goes by the name the services use.
set -eu
MONGO_PASSWORD="$(cat /run/secrets/mongo_password)" exec mongosh --quiet --norc --eval '
  db.getSiblingDB("admin").auth("malote", process.env.MONGO_PASSWORD);
  try { rs.status(); } catch (error) {
    if (error.codeName !== "NotYetInitialized") throw error;
    rs.initiate({ _id: "malote", members: [{ _id: 0, host: "mongo:27017" }] });
  }
  quit(db.hello().isWritablePrimary ? 0 : 1);'
