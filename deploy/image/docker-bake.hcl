# The image for both architectures, with a bill of materials and provenance: deploy/image/release.sh calls it.
#   docker buildx bake -f deploy/image/docker-bake.hcl --print
variable "VERSION" {}
variable "REVISION" {}
variable "CREATED" {}
variable "BASE" { default = "docker.io/library/node:26-trixie-slim" }
# sha256:…, looked up by who releases; none is written here.
variable "BASE_DIGEST" {}
variable "IMAGE" {}

group "default" { targets = ["portcullis"] }

target "portcullis" {
  context    = "."
  dockerfile = "Dockerfile"
  platforms  = ["linux/amd64", "linux/arm64"]
  tags       = ["${IMAGE}:${VERSION}"]
  args = {
    BASE        = BASE
    BASE_DIGEST = BASE_DIGEST
    VERSION     = VERSION
    REVISION    = REVISION
    CREATED     = CREATED
  }
  attest = ["type=sbom", "type=provenance,mode=max"]
}
