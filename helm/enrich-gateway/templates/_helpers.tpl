{{- define "enrich-gateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Short enough for "-headless" and "-test-health" behind it. */}}
{{- define "enrich-gateway.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Part of the StatefulSet's selector, which cannot change. */}}
{{- define "enrich-gateway.selectorLabels" -}}
app.kubernetes.io/name: {{ include "enrich-gateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: gateway
{{- end -}}

{{- define "enrich-gateway.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "enrich-gateway.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "enrich-gateway.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "enrich-gateway.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "enrich-gateway.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "enrich-gateway.usesTls" -}}
{{- if dig "server" "tls" "certificate_file" "" .Values.config -}}true{{- end -}}
{{- end -}}

{{/* The configuration file: the user's part and what the pod determines. */}}
{{- define "enrich-gateway.config" -}}
{{- $server := dict
      "grpc_listen" (printf "0.0.0.0:%d" (int .Values.ports.grpc))
      "webhook_listen" (printf "0.0.0.0:%d" (int .Values.ports.webhook))
      "admin_listen" (printf "0.0.0.0:%d" (int .Values.ports.admin)) -}}
{{- if and .Values.ingress.enabled (not (dig "server" "public_url" "" .Values.config)) -}}
{{- $_ := set $server "public_url" (printf "https://%s" .Values.ingress.host) -}}
{{- end -}}
{{- $own := dict "server" $server "store" (dict "path" "/var/lib/enrich-gateway/enrich-gateway.db") -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.config) $own) -}}
{{- end -}}

{{/* Seconds in a duration such as 1m30s, as a decimal number. */}}
{{- define "enrich-gateway.seconds" -}}
{{- $units := dict "h" 3600.0 "m" 60.0 "s" 1.0 "ms" 0.001 -}}
{{- $sum := 0.0 -}}
{{- range regexFindAll "[0-9.]+(ms|h|m|s)" . -1 -}}
{{- $unit := regexFind "[a-z]+" . -}}
{{- $sum = addf $sum (mulf (trimSuffix $unit . | float64) (get $units $unit)) -}}
{{- end -}}
{{- $sum -}}
{{- end -}}
