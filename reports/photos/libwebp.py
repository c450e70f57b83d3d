"""WebP decoded straight to a smaller size, by the libwebp that Pillow itself is linked with.

Pillow opens every WebP as an animation: two canvases, a byte string and a picture, 16 bytes per pixel, 800 MB for 50
megapixels. libwebp can scale while it decodes, row by row. Pillow does not offer that, so the library is called here,
found through Pillow's own extension module (the same file, whatever the system). Structures: ``webp/decode.h``, ABI
0x02xx, which ``WebPInitDecoderConfigInternal`` verifies.
"""

import ctypes
from typing import ClassVar, Final

from PIL import Image, _webp

_ABI: Final = 0x0209
_MODE_RGBA: Final = 1


class _Features(ctypes.Structure):
    _fields_: ClassVar = [
        *((name, ctypes.c_int) for name in ("width", "height", "has_alpha", "has_animation", "format")),
        ("pad", ctypes.c_uint32 * 5),
    ]


class _RGBABuffer(ctypes.Structure):
    _fields_: ClassVar = [("rgba", ctypes.c_void_p), ("stride", ctypes.c_int), ("size", ctypes.c_size_t)]


class _YUVABuffer(ctypes.Structure):
    _fields_: ClassVar = [
        ("planes", ctypes.c_void_p * 4),
        ("strides", ctypes.c_int * 4),
        ("sizes", ctypes.c_size_t * 4),
    ]


class _Pixels(ctypes.Union):
    _fields_: ClassVar = [("RGBA", _RGBABuffer), ("YUVA", _YUVABuffer)]


class _Output(ctypes.Structure):
    _fields_: ClassVar = [
        ("colorspace", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("is_external_memory", ctypes.c_int),
        ("u", _Pixels),
        ("pad", ctypes.c_uint32 * 4),
        ("private_memory", ctypes.c_void_p),
    ]


class _Options(ctypes.Structure):
    _fields_: ClassVar = [
        *(
            (name, ctypes.c_int)
            for name in (
                "bypass_filtering",
                "no_fancy_upsampling",
                "use_cropping",
                "crop_left",
                "crop_top",
                "crop_width",
                "crop_height",
                "use_scaling",
                "scaled_width",
                "scaled_height",
                "use_threads",
                "dithering_strength",
                "flip",
                "alpha_dithering_strength",
            )
        ),
        ("pad", ctypes.c_uint32 * 5),
    ]


class _Config(ctypes.Structure):
    _fields_: ClassVar = [("input", _Features), ("output", _Output), ("options", _Options)]


def decode(data: bytes, size: tuple[int, int]) -> Image.Image:
    """Decode a still WebP to an RGBA picture of ``size``; raises OSError on broken or incomplete data.

    AttributeError means a Pillow that hides its libwebp (a static build): a fault of the installation, not of the
    photo.
    """
    library = ctypes.CDLL(_webp.__file__)
    library.WebPDecode.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(_Config)]
    library.WebPInitDecoderConfigInternal.argtypes = [ctypes.POINTER(_Config), ctypes.c_int]
    config = _Config()
    if not library.WebPInitDecoderConfigInternal(ctypes.byref(config), _ABI):
        msg = "this libwebp has another ABI"
        raise AttributeError(msg)
    width, height = size
    pixels = ctypes.create_string_buffer(width * height * 4)
    config.options.use_scaling = 1
    config.options.scaled_width, config.options.scaled_height = width, height
    config.output.colorspace = _MODE_RGBA
    config.output.is_external_memory = 1
    config.output.u.RGBA = _RGBABuffer(ctypes.addressof(pixels), width * 4, len(pixels))
    status = library.WebPDecode(data, len(data), ctypes.byref(config))
    if status:
        msg = f"libwebp refuses the picture (VP8 status {status})"
        raise OSError(msg)
    return Image.frombytes("RGBA", size, pixels.raw)
