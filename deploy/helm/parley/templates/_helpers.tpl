{{- define "parley.name" -}}
{{- if contains "parley" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-parley" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "parley.selector" -}}
app.kubernetes.io/name: parley
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "parley.labels" -}}
{{ include "parley.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "parley.image" -}}
{{- $image := .Values.image -}}
{{- $repository := required "image.repository is missing: where the image of the Dockerfile was pushed." $image.repository -}}
{{- if $image.digest }}{{ $repository }}@{{ $image.digest }}{{ else }}{{ $repository }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* A password of a store in the chart. Derived, so that it is the same at each upgrade. */}}
{{- define "parley.password" -}}
{{- $root := index . 0 -}}
{{- $key := $root.Values.storesKey | default $root.Values.secretKey -}}
{{- printf "%s of %s" (index . 1) $key | sha256sum | trunc 40 -}}
{{- end }}

{{/* A value as text. Helm has numbers of values files as floats: a million would be 1e+06. */}}
{{- define "parley.text" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) }}{{ printf "%.0f" . }}{{ else }}{{ toString . }}{{ end -}}
{{- end }}

{{- define "parley.settings" -}}
{{- $host := required "host is missing: the name under which people open Parley." .Values.host -}}
{{- $settings := dict "PUBLIC_URL" (printf "https://%s" $host) "ALLOWED_HOSTS" $host "TRUSTED_PROXIES" (join "," .Values.trustedProxies) -}}
{{- if .Values.seaweedfs.enabled -}}
{{- $_ := set $settings "S3_ENDPOINT_URL" (printf "http://%s-seaweedfs:8333" (include "parley.name" .)) -}}
{{- $_ := set $settings "S3_BUCKET" "parley" -}}
{{- else if not .Values.settings.S3_ENDPOINT_URL -}}
{{- fail "Without SeaweedFS in the chart, settings.S3_ENDPOINT_URL names the S3 server of the files." -}}
{{- end -}}
{{- range $name, $value := .Values.settings }}{{ $_ := set $settings $name (include "parley.text" $value) }}{{ end -}}
{{- toYaml $settings -}}
{{- end }}

{{/* Values of the Secret that the chart makes, by name. */}}
{{- define "parley.secrets" -}}
{{- $name := include "parley.name" . -}}
{{- $given := .Values.secrets -}}
{{- $secrets := dict "SECRET_KEY" (required "secretKey is missing: openssl rand -hex 32. Or name a Secret in secret.existing." .Values.secretKey) -}}
{{- if .Values.postgres.enabled -}}
{{- $password := include "parley.password" (list . "postgres") -}}
{{- $_ := set $secrets "POSTGRES_PASSWORD" $password -}}
{{- $_ := set $secrets "DATABASE_URL" (printf "postgresql://parley:%s@%s-postgres/parley" $password $name) -}}
{{- else if not $given.DATABASE_URL -}}
{{- fail "Without PostgreSQL in the chart, secrets.DATABASE_URL names yours." -}}
{{- end -}}
{{- if .Values.valkey.enabled -}}
{{- $password := include "parley.password" (list . "valkey") -}}
{{- $_ := set $secrets "VALKEY_PASSWORD" $password -}}
{{- $_ := set $secrets "REDIS_URL" (printf "redis://:%s@%s-valkey:6379/0" $password $name) -}}
{{- else if not $given.REDIS_URL -}}
{{- fail "Without Valkey in the chart, secrets.REDIS_URL names yours." -}}
{{- end -}}
{{- if .Values.seaweedfs.enabled -}}
{{- $_ := set $secrets "S3_ACCESS_KEY_ID" "parley" -}}
{{- $_ := set $secrets "S3_SECRET_ACCESS_KEY" (include "parley.password" (list . "seaweedfs")) -}}
{{- end -}}
{{- if .Values.release.databaseUrl }}{{ $_ := set $secrets "RELEASE_DATABASE_URL" .Values.release.databaseUrl }}{{ end -}}
{{- range $key, $value := $given }}{{ $_ := set $secrets $key (include "parley.text" $value) }}{{ end -}}
{{- toYaml $secrets -}}
{{- end }}

{{- define "parley.secretName" -}}
{{ .Values.secret.existing | default (include "parley.name" .) }}
{{- end }}

{{/* Names of the settings that a pod reads from files of the Secret. Arguments: root, component.
Only the workers of files make, drill and restore backups; an encrypted one has all settings. */}}
{{- define "parley.secretKeys" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $keys := $root.Values.secret.keys -}}
{{- if not $root.Values.secret.existing }}{{ $keys = include "parley.secrets" $root | fromYaml | keys }}
{{- else if $root.Values.seaweedfs.enabled }}{{ $keys = concat $keys (list "S3_ACCESS_KEY_ID" "S3_SECRET_ACCESS_KEY") | uniq }}{{ end -}}
{{- $keys = without $keys "POSTGRES_PASSWORD" "VALKEY_PASSWORD" "RELEASE_DATABASE_URL" -}}
{{- if ne $component "worker-files" }}{{ $keys = without $keys "BACKUP_IDENTITY" "BACKUP_S3_SECRET_ACCESS_KEY" }}{{ end -}}
{{- if not (has $component (list "web" "worker-files")) }}{{ $keys = without $keys "SCIM_TOKEN" }}{{ end -}}
{{- $keys | sortAlpha | join " " -}}
{{- end }}

{{/* Keys of the Secret that a pod can read. Arguments: root, component. */}}
{{- define "parley.mountedKeys" -}}
{{- include "parley.secretKeys" . -}}
{{- if and (eq (index . 1) "release") (include "parley.hasReleaseDatabase" (index . 0)) }} RELEASE_DATABASE_URL{{ end -}}
{{- end }}

{{/* "true" when migrations have a connection of their own, past PgBouncer. */}}
{{- define "parley.hasReleaseDatabase" -}}
{{- if or .Values.release.databaseUrl (has "RELEASE_DATABASE_URL" .Values.secret.keys) }}true{{ end }}
{{- end }}

{{/* Environment of a container of the product. Arguments: root, component, suffix of the settings'
name. Where both an `envFrom` and `env` name a variable, that of `env` counts; of two in `env`, the last. */}}
{{- define "parley.environment" -}}
{{- $root := index . 0 -}}
envFrom:
  - configMapRef: { name: {{ include "parley.name" $root }}{{ index . 2 }} }
env:
  {{- range splitList " " (include "parley.secretKeys" (list $root (index . 1))) }}
  - { name: {{ . }}_FILE, value: /run/secrets/parley/{{ . }} }
  {{- end }}
{{- end }}

{{/* The user of the image of the product is 10001, that of the images of the stores 999. */}}
{{- define "parley.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "parley.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "parley.mounts" -}}
- { name: tmp, mountPath: /tmp }
- { name: secrets, mountPath: /run/secrets/parley, readOnly: true }
{{- end }}

{{/* Arguments: root, component, suffix of the Secret's name. */}}
{{- define "parley.volumes" -}}
{{- $root := index . 0 -}}
- name: tmp
  emptyDir: {}
- name: secrets
  secret:
    secretName: {{ if $root.Values.secret.existing }}{{ $root.Values.secret.existing }}{{ else }}{{ include "parley.name" $root }}{{ index . 2 }}{{ end }}
    defaultMode: 0440
    items:
      {{- range splitList " " (include "parley.mountedKeys" (list $root (index . 1))) }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
{{- end }}

{{/* What the pods of the product have in common. Arguments: root, component. */}}
{{- define "parley.pod" -}}
{{- $root := index . 0 -}}
serviceAccountName: {{ include "parley.name" $root }}
automountServiceAccountToken: false
enableServiceLinks: false
# The product is not process 1, which a signal ends only once it handles it: a pod that is deleted
# while it starts would take its whole grace period.
shareProcessNamespace: true
securityContext: {{- include "parley.podSecurity" 10001 | nindent 2 }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "parley.selector" $root | nindent 8 }}
        app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* A container that ends when the database has what this release needs. Arguments: root,
component. */}}
{{- define "parley.waitForRelease" -}}
{{- $root := index . 0 -}}
- name: wait-for-release
  image: {{ include "parley.image" $root }}
  imagePullPolicy: {{ $root.Values.image.pullPolicy }}
  command: [python, -m, chatproject.run.release, wait]
  {{- include "parley.environment" (list $root (index . 1) "") | nindent 2 }}
  securityContext: {{- include "parley.containerSecurity" $root | nindent 4 }}
  resources:
    requests: { cpu: 20m, memory: 160Mi }
    limits: { memory: 384Mi }
  volumeMounts: {{- include "parley.mounts" $root | nindent 4 }}
{{- end }}

{{/* The outbound part of a NetworkPolicy of the product: its stores, DNS, and addresses outside of
this cluster's networks, as push services, the provider of sign-ins, pages for previews. */}}
{{- define "parley.outbound" -}}
policyTypes: [Egress]
egress:
  - to:
      - podSelector:
          matchLabels: {{- include "parley.selector" . | nindent 12 }}
          matchExpressions:
            - { key: app.kubernetes.io/component, operator: In, values: [postgres, valkey, seaweedfs] }
  - to:
      - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
      # NodeLocal DNSCache is no pod of that namespace's network, but an address of the node.
      - ipBlock: { cidr: 169.254.20.10/32 }
    ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
  - to:
      - ipBlock:
          cidr: 0.0.0.0/0
          except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 169.254.0.0/16, 127.0.0.0/8]
      - ipBlock:
          cidr: ::/0
          except: ["fc00::/7", "fe80::/10", "::1/128"]
      {{- range .Values.networkPolicy.internal }}
      - ipBlock: { cidr: {{ . }} }
      {{- end }}
{{- end }}

{{/* The pods of a Deployment that a scaler sets, as they are; empty where they are not known, as at
the first installation. Without it, the upgrade that brings the scaler would go down to one pod:
https://github.com/helm/helm/issues/12650. Arguments: root, component. */}}
{{- define "parley.scaledReplicas" -}}
{{- $root := index . 0 -}}
{{- with lookup "apps/v1" "Deployment" $root.Release.Namespace (printf "%s-%s" (include "parley.name" $root) (index . 1)) -}}
replicas: {{ .spec.replicas }}
{{- end -}}
{{- end }}

{{/* Pods start again when a setting or a secret has changed. */}}
{{- define "parley.checksums" -}}
checksum/settings: {{ include "parley.settings" . | sha256sum }}
{{- if not .Values.secret.existing }}
checksum/secrets: {{ include "parley.secrets" . | sha256sum }}
{{- end }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "parley.hook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}
