#!/usr/bin/env bash
# Builds and pushes the image of the version in package.json, pinned to the digest that its base has today.
#   deploy/image/release.sh registry.example.com/portcullis
set -euo pipefail
cd "$(dirname "$0")/../.."

IMAGE=${1:?usage: deploy/image/release.sh REGISTRY/NAME}
command -v docker >/dev/null || { echo "release: docker with buildx is needed" >&2; exit 1; }
[ -z "$(git status --porcelain)" ] || { echo "release: commit or remove what is not committed first" >&2; exit 1; }

BASE=${BASE:-docker.io/library/node:26-trixie-slim}
BASE_DIGEST=$(docker buildx imagetools inspect "$BASE" --format '{{.Manifest.Digest}}')
[[ $BASE_DIGEST =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "release: no digest for $BASE: $BASE_DIGEST" >&2; exit 1; }
VERSION=$(node -p 'require("./package.json").version')
REVISION=$(git rev-parse HEAD)
CREATED=$(git log -1 --format=%cI)
export IMAGE BASE BASE_DIGEST VERSION REVISION CREATED

# From a lock file without development packages: `npm sbom --omit dev` (11.19) also leaves out what both need.
mkdir -p build
BILL=$(mktemp -d)
trap 'rm -rf "$BILL"' EXIT
cp package.json package-lock.json .npmrc "$BILL"
(
  cd "$BILL"
  npm pkg delete devDependencies
  npm install --package-lock-only --ignore-scripts --no-audit --no-fund --silent
  npm sbom --package-lock-only --sbom-format cyclonedx
) >build/sbom.cdx.json
docker buildx bake -f deploy/image/docker-bake.hcl --push
echo "pushed $IMAGE:$VERSION on $BASE@$BASE_DIGEST; bill of materials in build/sbom.cdx.json"
