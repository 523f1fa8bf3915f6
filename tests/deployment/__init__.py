"""What docker-compose.yml starts, behind its proxy and with TLS between its parts."""
