{{- define "portcullis.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "portcullis.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "portcullis.labels" -}}
{{ include "portcullis.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "portcullis.image" -}}
{{- $repository := required "set image.repository: where you pushed the image that the Dockerfile makes" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{ printf "%s@%s" $repository .Values.image.digest }}
{{- else -}}
{{ printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end -}}
{{- end -}}

{{- define "portcullis.secret" -}}
{{- if and (not .Values.secrets.existingSecret) (not (hasKey .Values.secrets.values "ADMIN_TOKEN")) -}}
{{- fail "set secrets.values.ADMIN_TOKEN (openssl rand -hex 32), or secrets.existingSecret: the admin port listens beyond the pod" -}}
{{- end -}}
{{ default (include "portcullis.name" .) .Values.secrets.existingSecret }}
{{- end -}}

{{/* What the chart says of the file itself, under what the values say. */}}
{{- define "portcullis.config" -}}
{{- $own := dict "listen" "0.0.0.0:8080" "admin" (dict "listen" "0.0.0.0:9090" "token" "${ADMIN_TOKEN}") -}}
{{- if not .Values.config -}}
{{- fail "set config (gateway.yaml as values) or existingConfigMap" -}}
{{- end -}}
{{- range $key, $value := $own -}}
{{- if and (hasKey $.Values.config $key) (ne (get $.Values.config $key | toJson) ($value | toJson)) -}}
{{- fail (printf "leave config.%s out: the chart sets it to fit the Service and the probes" $key) -}}
{{- end -}}
{{- end -}}
{{ toYaml (merge (deepCopy .Values.config) $own) }}
{{- end -}}
