import 'dart:convert';
import 'dart:ffi';
import 'dart:io';
import 'dart:typed_data';

// What `package:ffi` does, as far as it is used here. It would be the only dependency.

final DynamicLibrary _c = Platform.isWindows ? DynamicLibrary.open('ole32.dll') : DynamicLibrary.process();

final Pointer<Void> Function(int) _allocate = _c
    .lookupFunction<Pointer<Void> Function(Size), Pointer<Void> Function(int)>(
        Platform.isWindows ? 'CoTaskMemAlloc' : 'malloc');

final void Function(Pointer<Void>) _free = _c
    .lookupFunction<Void Function(Pointer<Void>), void Function(Pointer<Void>)>(
        Platform.isWindows ? 'CoTaskMemFree' : 'free');

Uint8List _bytes(Pointer<Void> memory, int length) => memory.cast<Uint8>().asTypedList(length);

/// Calls [use] with [json] as C's text. Afterwards the text is wiped, because it can contain tokens.
T withJson<T>(Object? json, T Function(Pointer<Uint8> text) use) {
  final encoded = utf8.encode(jsonEncode(json));
  final size = encoded.length + 1;
  final memory = _allocate(size);
  if (memory == nullptr) throw const OutOfMemoryError();
  final bytes = _bytes(memory, size)..setAll(0, encoded);
  bytes[size - 1] = 0;
  encoded.fillRange(0, encoded.length, 0);
  try {
    return use(memory.cast());
  } finally {
    bytes.fillRange(0, size, 0);
    _free(memory);
  }
}

/// Calls [use] with room for a pointer, which is null at first.
T withPointer<T>(T Function(Pointer<Pointer<Uint8>> room) use) {
  final memory = _allocate(sizeOf<Pointer<Uint8>>());
  if (memory == nullptr) throw const OutOfMemoryError();
  final room = memory.cast<Pointer<Uint8>>()..value = nullptr;
  try {
    return use(room);
  } finally {
    _free(memory);
  }
}

/// The text at [text], which ends with NUL.
String textAt(Pointer<Uint8> text) {
  var length = 0;
  while (text[length] != 0) {
    length++;
  }
  return utf8.decode(text.asTypedList(length));
}
