import 'dart:convert';
import 'dart:ffi';
import 'dart:io';

import '../exceptions.dart';
import 'memory.dart';

typedef _Callback = Void Function(Uint64 context, Uint32 kind, Uint64 id, Pointer<Uint8> json);
typedef _NewC = UintPtr Function(Pointer<Uint8>, Pointer<NativeFunction<_Callback>>, Uint64, Pointer<Pointer<Uint8>>);
typedef _New = int Function(Pointer<Uint8>, Pointer<NativeFunction<_Callback>>, int, Pointer<Pointer<Uint8>>);
typedef _SayC = Uint32 Function(UintPtr, Uint64, Pointer<Uint8>);
typedef _Say = int Function(int, int, Pointer<Uint8>);

/// What the library returns, as far as it matters here: `cs_status` of the header.
abstract final class Status {
  static const ok = 0;
  static const badAnswer = 3;
}

/// What a message is: `cs_kind` of the header.
abstract final class Kind {
  static const answer = 1;
  static const http = 2;
  static const vault = 3;
  static const browser = 4;
  static const appStep = 5;
  static const event = 6;
  static const state = 7;
}

/// The functions of `bindings/c/include/cognito_signout.h`.
final class NativeLibrary {
  NativeLibrary._(DynamicLibrary library)
      : _new = library.lookupFunction<_NewC, _New>('cs_auth_new'),
        call = library.lookupFunction<_SayC, _Say>('cs_auth_call'),
        answer = library.lookupFunction<_SayC, _Say>('cs_auth_answer'),
        free = library.lookupFunction<Uint32 Function(UintPtr), int Function(int)>('cs_auth_free'),
        finalizer = NativeFinalizer(library.lookup('cs_auth_free')),
        _stringFree = library
            .lookupFunction<Void Function(Pointer<Uint8>), void Function(Pointer<Uint8>)>('cs_string_free'),
        _post = library.lookup('cs_dart_post') {
    library.lookupFunction<Void Function(Pointer<Void>), void Function(Pointer<Void>)>('cs_dart_init')(
        NativeApi.postCObject.cast());
  }

  /// The version of the interface that this package speaks: `CS_ABI_VERSION` of the header.
  static const abiVersion = 1;

  static final _opened = <int, NativeLibrary>{};

  /// [library], or the one that belongs to the app.
  ///
  /// Throws an [UnusableException] if it cannot be loaded, or is of another version.
  static NativeLibrary of(DynamicLibrary? library) {
    try {
      final opened = library ?? _ofTheApp();
      return _opened[opened.handle.address] ??= _checked(opened);
    } on ArgumentError {
      throw _missing('the native library, or one of its functions, is not there');
    }
  }

  static DynamicLibrary _ofTheApp() {
    if (Platform.isIOS) return DynamicLibrary.open(_framework);
    if (Platform.isMacOS) return _ofTheMac();
    return DynamicLibrary.open(Platform.isWindows ? 'cognito_signout.dll' : 'libcognito_signout.so');
  }

  /// A Flutter app has the framework, and a program in Dart alone has the library beside it.
  static DynamicLibrary _ofTheMac() {
    try {
      return DynamicLibrary.open(_framework);
    } on ArgumentError {
      return DynamicLibrary.open('libcognito_signout.dylib');
    }
  }

  /// What the Flutter plugin brings on Apple's systems.
  static const _framework = 'CognitoSignOutFFI.framework/CognitoSignOutFFI';

  static NativeLibrary _checked(DynamicLibrary library) {
    final version = library.lookupFunction<Uint32 Function(), int Function()>('cs_abi_version')();
    if (version != abiVersion) {
      throw _missing('the native library speaks version $version of its interface, and this package version $abiVersion');
    }
    return NativeLibrary._(library);
  }

  static AuthException _missing(String detail) => authException({
        'case': 'runtime',
        'code': 'native_library_missing',
        'detail': detail,
        'recovery': 'Build the library that belongs to this version of the package, and put it where the app finds it: '
            'docs/dart.md says how',
      });

  final _New _new;
  final _Say call;
  final _Say answer;
  final int Function(int) free;
  final NativeFinalizer finalizer;
  final void Function(Pointer<Uint8>) _stringFree;
  final Pointer<NativeFunction<_Callback>> _post;

  /// A new handle, whose messages go to [port].
  ///
  /// Throws an [AuthException] if [settings] are not valid.
  int create(Map<String, Object?> settings, int port) => withPointer((error) {
        final handle = withJson(settings, (text) => _new(text, _post, port, error));
        if (handle != 0) return handle;
        final message = textAt(error.value);
        _stringFree(error.value);
        throw authException((jsonDecode(message) as Map<String, dynamic>)['error'] as Map<String, dynamic>);
      });
}
