-- The database of Keycloak in the PostgreSQL of docker-compose.yml. Can be run again.
\getenv password KEYCLOAK_DATABASE_PASSWORD
SELECT 'CREATE ROLE keycloak' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'keycloak') \gexec
ALTER ROLE keycloak LOGIN PASSWORD :'password';
SELECT 'CREATE DATABASE keycloak OWNER keycloak'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'keycloak') \gexec
REVOKE CONNECT ON DATABASE keycloak FROM PUBLIC;
