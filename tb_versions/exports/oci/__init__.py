"""An OCI image layout of one version in ModelPack's form, with the manifest and attestations as referrers."""
