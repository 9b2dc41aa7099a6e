{{/* The chart's name. */}}
{{- define "autopilotops.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* The beginning of all names: short enough for a CronJob's jobs (52 characters with -retrain). */}}
{{- define "autopilotops.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "autopilotops.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "autopilotops.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* What never changes: labels that selectors use. Takes (dict "root" $ "component" "scorer"). */}}
{{- define "autopilotops.selectorLabels" -}}
app.kubernetes.io/name: {{ include "autopilotops.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{/* All labels of an object. Takes (dict "root" $ "component" "scorer"); the component may be absent. */}}
{{- define "autopilotops.labels" -}}
{{ include "autopilotops.selectorLabels" . }}
app.kubernetes.io/part-of: autopilotops
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Values.managedBy | default .root.Release.Service }}
{{- if not .root.Values.managedBy }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Name, namespace, labels and annotations. Takes root, component, name, and optional annotations. */}}
{{- define "autopilotops.metadata" -}}
name: {{ .name }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels:
  {{- include "autopilotops.labels" . | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* An image's reference. Takes (dict "root" $ "image" .Values.image.scorer). */}}
{{- define "autopilotops.image" -}}
{{- $base := printf "%s/%s" (trimSuffix "/" .root.Values.image.registry) .image.repository -}}
{{- if .image.digest -}}
{{ printf "%s@%s" $base .image.digest }}
{{- else -}}
{{ printf "%s:%s" $base (.image.tag | default .root.Chart.AppVersion) }}
{{- end }}
{{- end }}

{{- define "autopilotops.serviceAccountName" -}}
{{- $fallback := ternary (printf "%s-%s" (include "autopilotops.fullname" .root) .component) "default" .account.create -}}
{{- .account.name | default $fallback }}
{{- end }}

{{/* The claim of the retraining job. */}}
{{- define "autopilotops.retrainClaim" -}}
{{- .Values.retrain.persistence.existingClaim | default (printf "%s-retrain" (include "autopilotops.fullname" .)) }}
{{- end }}

{{/* What pod security "restricted" wants of a pod. */}}
{{- define "autopilotops.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* And of a container. */}}
{{- define "autopilotops.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Environment of containers that open the registry. Takes root and folder: where it is without a URL. */}}
{{- define "autopilotops.registryEnv" -}}
- {name: AUTOPILOT_MODEL, value: {{ .root.Values.model | quote }}}
- name: AUTOPILOT_REGISTRY
  value: {{ .root.Values.registry.url | default .folder | trimSuffix "/" | quote }}
{{- with .root.Values.registry.region }}
- {name: AWS_REGION, value: {{ . | quote }}}
{{- end }}
{{- with .root.Values.registry.endpoint }}
- {name: AWS_ENDPOINT_URL_S3, value: {{ . | quote }}}
{{- end }}
{{- with .root.Values.registry.credentialsSecret }}
{{- range $key := list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
- name: {{ $key }}
  valueFrom: {secretKeyRef: {name: {{ $.root.Values.registry.credentialsSecret }}, key: {{ $key }}}}
{{- end }}
{{- end }}
{{- end }}

{{/* Sources of the projected volume that all components have: incidents and public keys. */}}
{{- define "autopilotops.sharedSources" -}}
- configMap:
    name: {{ .Values.incidents.existingConfigMap | default (printf "%s-incidents" (include "autopilotops.fullname" .)) }}
    items: [{key: incidents.csv, path: incidents.csv}]
{{- if .Values.trustedKeys }}
- configMap:
    name: {{ include "autopilotops.fullname" . }}-trusted-keys
    items:
      {{- range $name, $_ := .Values.trustedKeys }}
      - {key: {{ $name | quote }}, path: {{ printf "keys/%s" $name | quote }}}
      {{- end }}
{{- end }}
{{- end }}

{{/* Whether job and scorer share a claim that only one node can attach. */}}
{{- define "autopilotops.sharesNode" -}}
{{- $p := .Values.retrain.persistence -}}
{{- if and (not .Values.registry.url) .Values.retrain.enabled .Values.scorer.enabled (not (has "ReadWriteMany" $p.accessModes)) -}}
true
{{- end }}
{{- end }}

{{/* A pod's affinity: what the values say, or towards the other pods of the release where they share a claim. */}}
{{- define "autopilotops.affinity" -}}
{{- if .affinity }}
{{- toYaml .affinity }}
{{- else if include "autopilotops.sharesNode" .root }}
# The registry is on a claim that one node at a time can attach.
podAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "autopilotops.selectorLabels" (dict "root" .root) | nindent 12 }}
{{- end }}
{{- end }}
