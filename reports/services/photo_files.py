"""The files of a photo: which lie where, and which must go.

The public ones lie under `photos/<key>/`, in the storage that everybody reads. Among the private originals lie the file
as it was sent and, once a moderator has changed the photo, `looks/…`: the whole picture, for staff who must compare.
"""

from contextlib import suppress

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from reports.models import Photo


def own_names(photo: Photo) -> list[str]:
    """Return the names of the public files that are this photo's alone.

    Photos of the demonstration share the files of their first, unchanged picture; nobody takes them from the others.
    """
    folder = f"photos/{photo.key}"
    try:
        _folders, names = storages["variants"].listdir(folder)
    except FileNotFoundError:
        return []
    shared = Photo.objects.filter(key=photo.key, revision=0).exclude(pk=photo.pk).exists()
    changed = [name for name in names if name.startswith(f"{photo.pk}-")]
    first = [] if shared else [name for name in names if "-" not in name]
    return [f"{folder}/{name}" for name in first + changed]


def drop_outdated(*, photo: Photo) -> None:
    """Delete every public file that the photo must not have now: of earlier revisions, and all of a hidden one."""
    fresh = Photo.objects.get(pk=photo.pk)
    with suppress(FileNotFoundError):
        keep_original(fresh)
    # Sizes are known once the worker is done; until then the name alone says what belongs to this revision.
    current = f"photos/{fresh.key}/{fresh.pk}-{fresh.revision}-" if fresh.revision else f"photos/{fresh.key}/"
    for name in own_names(fresh):
        if fresh.is_hidden or not name.startswith(current):
            storages["variants"].delete(name)
    for revision in range(max(0, fresh.revision - 3), fresh.revision):
        delete_look(fresh, revision)


def delete_look(photo: Photo, revision: int) -> None:
    """Delete the picture that staff saw of one revision, if there is one."""
    storages["originals"].delete(Photo(key=photo.key, pk=photo.pk, revision=revision).look_name)


def drop_all(*, photo: Photo) -> None:
    """Delete all that is this photo's alone."""
    for name in own_names(photo):
        storages["variants"].delete(name)
    storages["originals"].delete(photo.look_name)
    if photo.original.name:
        storages["originals"].delete(photo.original.name)


def keep(storage: str, name: str, content: bytes) -> None:
    """Save a file unless it is there: two workers make the same one."""
    place = storages[storage]
    if not place.exists(name):
        place.save(name, ContentFile(content))


def keep_original(photo: Photo) -> None:
    """Give a photo without a private original (those of the demonstration) the largest of its first public files.

    Raises:
        FileNotFoundError: there is no file either.
    """
    if photo.original.name:
        return
    name = f"originals/{photo.key}-{photo.pk}"
    first = Photo(pk=photo.pk, key=photo.key).variant_name(max(photo.sizes, default=0))
    with storages["variants"].open(first) as source:
        keep("originals", name, source.read())
    Photo.objects.filter(pk=photo.pk, original="").update(original=name)
    photo.original.name = name
