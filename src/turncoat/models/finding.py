"""Where a model's files are: a folder, the hub's cache on this machine, or, only when online, the hub itself."""

from __future__ import annotations

from pathlib import Path

from turncoat.errors import MissingResource, UsageError

FILES = ["*.json", "*.safetensors", "*.txt", "*.model"]  # no pickled weights, no code


def find_folder(name: str, online: bool = False) -> Path:
    """Folder of a model given by path or by hub name.

    Raises:
        UsageError: `name` is neither a folder nor a possible hub name.
        MissingResource: the model is not on this machine and could not be fetched.
    """
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    try:
        return Path(snapshot_download(name, allow_patterns=FILES, local_files_only=not online))
    except HFValidationError as error:
        raise UsageError(f"expected a model folder or a hub name such as owner/model, got {name!r}") from error
    except OSError as error:
        if online:
            raise MissingResource(f"no model {name!r} here or on the hub; check name and network ({error})") from error
        raise MissingResource(
            f"no folder {name!r}, and no model of that name on this machine; check the path, or allow fetching with "
            "--online"
        ) from error
