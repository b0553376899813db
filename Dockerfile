# The server as an image: docker build -t llmeval .
# It runs as an ordinary user, listens on port 8000 and writes nothing but /data, where an SQLite file lies when no DATABASE_URL is set.
FROM node:22-bookworm-slim AS node

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY LlmEval.Core/LlmEval.Core.csproj LlmEval.Core/
COPY LlmEval.Web/LlmEval.Web.csproj LlmEval.Web/BrowserAssets.targets LlmEval.Web/SdkPackages.targets LlmEval.Web/
RUN dotnet restore LlmEval.Web -p:Configuration=Release
COPY sdk/javascript sdk/javascript
COPY sdk/python sdk/python
COPY LlmEval.Core LlmEval.Core
COPY LlmEval.Web LlmEval.Web
RUN dotnet publish LlmEval.Web -c Release --no-restore -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
RUN install -d -o $APP_UID -g $APP_UID /data
USER $APP_UID
ENV ASPNETCORE_HTTP_PORTS= \
    ASPNETCORE_URLS=http://0.0.0.0:8000 \
    LlmEval__DataFolder=/data \
    DOTNET_EnableDiagnostics=0
EXPOSE 8000
VOLUME /data
# A supervisor may start an unhealthy container again, which helps a process that stands still, not one whose database is away: so it
# asks whether the process answers. The image has no curl; bash can ask for itself.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8000 && printf 'GET /health/live HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["dotnet", "LlmEval.Web.dll"]
