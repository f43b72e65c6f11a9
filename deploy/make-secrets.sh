#!/bin/sh
# Makes deploy/secrets for docker-compose.yml: passwords, the master key that encrypts certificates at rest, and, with
# --simulator, the certificates of a trial with the SEFAZ simulator. Never overwrites what is there. Needs openssl.
#
# The files are readable for all inside a folder that only you can enter: compose mounts each one with the owner and mode
# it has here, and the containers run as other users than you.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
cd secrets
umask 022

random() { openssl rand -hex 24; }
make() { # file, content
  [ -e "$1" ] || printf '%s\n' "$2" >"$1"
}

make mongo-password.txt "$(random)"
make mongo-keyfile.txt "$(openssl rand -base64 510 | tr -d '\n')"
make rabbitmq-password.txt "$(random)"
make rabbitmq-operator-password.txt "$(random)"
make redis-password.txt "$(random)"
make operator-key.txt "$(random)"
make master-key.txt "k1:$(openssl rand -base64 32)"

mongo=$(cat mongo-password.txt)
rabbitmq=$(cat rabbitmq-password.txt)
redis=$(cat redis-password.txt)
make mongo-url.txt "mongodb://malote:$mongo@mongo:27017/?replicaSet=malote&authSource=admin"
make rabbitmq-url.txt "amqp://malote:$rabbitmq@rabbitmq:5672/%2F"
# What RabbitMQ stores of a password: 4 bytes of salt, then SHA-256 of salt and password.
hashed() {
  salt=$(openssl rand -hex 2)
  { printf %s "$salt"; printf %s "$salt$1" | openssl dgst -sha256 -binary; } | openssl base64 -A
}
user() { # name, password, tags
  printf '{"name":"%s","password_hash":"%s","hashing_algorithm":"rabbit_password_hashing_sha256","tags":"%s"}' "$1" "$(hashed "$2")" "$3"
}
# The operator sees everything in the management page and can change nothing, not even look into a message.
make rabbitmq-definitions.json "{
\"vhosts\":[{\"name\":\"/\"}],
\"users\":[$(user malote "$rabbitmq" administrator),
$(user operador "$(cat rabbitmq-operator-password.txt)" monitoring)],
\"permissions\":[{\"user\":\"malote\",\"vhost\":\"/\",\"configure\":\".*\",\"write\":\".*\",\"read\":\".*\"},
{\"user\":\"operador\",\"vhost\":\"/\",\"configure\":\"\",\"write\":\"\",\"read\":\"\"}]
}"
make redis-url.txt "redis://:$redis@redis:6379/0"
make rabbitmq.conf "default_user = malote
default_pass = $rabbitmq
load_definitions = /run/secrets/rabbitmq_definitions"
make redis.conf "requirepass $redis
appendonly no
save \"\"
maxmemory-policy noeviction"

if [ "${1:-}" = --simulator ] && [ ! -e simulator-ca.pem ]; then
  senha=$(random)
  cnpj=11222333000181
  # otherName 2.16.76.1.3.3 holds the CNPJ of an ICP-Brasil company certificate.
  cat >openssl.cnf <<CNF
[req]
distinguished_name = dn
prompt = no
[dn]
CN = placeholder
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:simulator, DNS:localhost, IP:127.0.0.1
[company]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation, keyEncipherment
extendedKeyUsage = clientAuth
subjectAltName = otherName:2.16.76.1.3.3;PRINTABLESTRING:$cnpj
CNF
  issue() { # name, subject, section
    openssl req -new -newkey rsa:2048 -nodes -config openssl.cnf -subj "$2" -keyout "$1-key.pem" -out "$1.csr" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA simulator-ca.pem -CAkey simulator-ca-key.pem -CAcreateserial -days 3650 -sha256 \
      -extfile openssl.cnf -extensions "$3" -out "$1.pem" 2>/dev/null
    chmod 644 "$1-key.pem"
    rm "$1.csr"
  }
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -sha256 -config openssl.cnf -extensions ca \
    -subj '/C=BR/CN=AC Malote de Demonstracao' -keyout simulator-ca-key.pem -out simulator-ca.pem 2>/dev/null
  issue simulator-server '/C=BR/CN=simulator' server
  issue empresa "/C=BR/O=ICP-Brasil (demonstracao)/CN=COMERCIAL EXEMPLO LTDA:$cnpj" company
  make empresa-senha.txt "$senha"
  openssl pkcs12 -export -in empresa.pem -inkey empresa-key.pem -certfile simulator-ca.pem -passout file:empresa-senha.txt -out empresa.pfx
  chmod 644 empresa.pfx
  rm -f openssl.cnf simulator-ca.srl empresa.pem empresa-key.pem
fi
echo "deploy/secrets is complete"
if [ "${1:-}" != --simulator ] && [ ! -e icp-brasil.pem ]; then
  echo "but for icp-brasil.pem: put ICP-Brasil's root certificates (PEM) there; the authorisers are verified with them"
fi
