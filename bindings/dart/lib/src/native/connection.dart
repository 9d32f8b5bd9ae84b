import 'dart:async';
import 'dart:convert';
import 'dart:ffi';
import 'dart:isolate';

import '../backend.dart';
import '../exceptions.dart';
import 'library.dart';
import 'memory.dart';

/// What the library asks, and how it can be answered.
final class Question {
  Question._(this.id, this.asked, this.closed);

  final int id;
  final Map<String, dynamic> asked;

  /// Completes when the library does not wait for an answer any more.
  final Future<void> closed;
}

/// Answers the questions of one kind. Returns the answer in the form of `messages.schema.json`.
typedef Port = Future<Map<String, Object?>> Function(Question question);

/// One handle of the library, and the port by which the library speaks. A message to a port is dropped when the isolate is gone, so a
/// hot restart or an isolate that is killed does no harm.
final class Connection implements Backend, Finalizable {
  Connection._(this._library, this._port, this._ports);

  /// Throws an [AuthException] if [settings] are not valid.
  factory Connection.open(NativeLibrary library, Map<String, Object?> settings, Map<int, Port> ports) {
    final port = RawReceivePort(null, 'cognito_signout');
    final connection = Connection._(library, port, ports);
    try {
      connection._handle = library.create(settings, port.sendPort.nativePort);
    } catch (_) {
      port.close();
      rethrow;
    }
    port.keepIsolateAlive = false;
    // A port is never collected, and so neither is what its handler refers to.
    final weak = WeakReference(connection);
    // The app's ports, and its steps, run in the zone that has made the handle.
    port.handler = Zone.current.bindUnaryCallbackGuarded((Object? message) => weak.target?._hear(message));
    library.finalizer.attach(connection, Pointer.fromAddress(connection._handle), detach: connection);
    _portsToClose.attach(connection, port, detach: connection);
    return connection;
  }

  static final _portsToClose = Finalizer<RawReceivePort>((port) => port.close());

  /// Those that somebody waits for: nothing else may refer to them meanwhile.
  static final _awaited = <Connection>{};

  final NativeLibrary _library;
  final RawReceivePort _port;
  final Map<int, Port> _ports;
  late final int _handle;
  final _calls = <int, Completer<Object?>>{};
  final _questions = <int, Completer<void>>{};
  final _subscriptions = <int, MultiStreamController<Map<String, dynamic>>>{};
  Future<void>? _subscribing;
  var _nextId = 1;
  var _isClosed = false;

  @override
  Future<Object?> call(String method, [Map<String, Object?> args = const {}]) async {
    // A call that follows a `listen` does not overtake it.
    if (_subscribing case final subscribing?) await subscribing;
    return _call(_nextId++, method, args);
  }

  Future<Object?> _call(int id, String method, Map<String, Object?> args) {
    if (_isClosed) throw StateError('the CognitoAuth is closed');
    final call = _calls[id] = Completer();
    _countWaiting();
    final status = _begin(id, method, args);
    if (status != Status.ok) {
      _calls.remove(id);
      _countWaiting();
      throw StateError('the library did not take the call $method ($status)');
    }
    return call.future;
  }

  /// Nobody waits for the answer.
  @override
  void release(int partial) {
    if (!_isClosed) _begin(_nextId++, 'release', {'partial': partial});
  }

  int _begin(int id, String method, Map<String, Object?> args) =>
      _say(_library.call, id, {'method': method, 'args': args});

  @override
  Stream<Map<String, dynamic>> subscribe(String to) => Stream.multi((listener) {
        if (_isClosed) {
          listener.closeSync();
          return;
        }
        final id = _nextId++;
        _subscriptions[id] = listener;
        final begun = Future.sync(() => _call(id, 'subscribe', {'to': to})).then<void>((_) {}, onError: (Object error) {
          if (_subscriptions.remove(id) == null) return;
          _countWaiting();
          listener
            ..addErrorSync(error)
            ..closeSync();
        });
        final subscribing = Future.wait([begun, if (_subscribing case final earlier?) earlier]);
        _subscribing = subscribing;
        subscribing.whenComplete(() {
          if (identical(_subscribing, subscribing)) _subscribing = null;
        });
        listener.onCancel = () {
          if (_subscriptions.remove(id) == null) return;
          _countWaiting();
          if (!_isClosed) call('unsubscribe', {'subscription': id}).ignore();
        };
      }, isBroadcast: true);

  /// Frees the handle.
  @override
  void close() {
    if (_isClosed) return;
    _isClosed = true;
    _library.finalizer.detach(this);
    _portsToClose.detach(this);
    _library.free(_handle);
    _port.close();
    _awaited.remove(this);
    for (final question in _questions.values) {
      question.complete();
    }
    for (final call in _calls.values) {
      call.completeError(StateError('the CognitoAuth was closed before the answer came'));
    }
    final subscriptions = _subscriptions.values.toList();
    _subscriptions.clear();
    for (final listener in subscriptions) {
      listener.close();
    }
  }

  /// As long as somebody waits, this is not collected, and the isolate does not end.
  void _countWaiting() {
    if (_isClosed) return;
    final isAwaited = _calls.isNotEmpty || _subscriptions.isNotEmpty;
    isAwaited ? _awaited.add(this) : _awaited.remove(this);
    _port.keepIsolateAlive = isAwaited;
  }

  int _say(int Function(int, int, Pointer<Uint8>) function, int id, Object? json) =>
      withJson(json, (text) => function(_handle, id, text));

  void _hear(Object? message) {
    if (_isClosed) return;
    final [int kind, int id, String? text] = message as List<dynamic>;
    final json = text == null ? null : jsonDecode(text) as Map<String, dynamic>;
    switch (kind) {
      case Kind.answer:
        final call = _calls.remove(id);
        _countWaiting();
        if (call == null) return;
        switch (json) {
          case {'error': final Map<String, dynamic> error}:
            call.completeError(callException(error));
          default:
            call.complete(json?['ok']);
        }
      case Kind.event || Kind.state:
        _subscriptions[id]?.add(json!);
      default:
        if (json == null) {
          _questions.remove(id)?.complete();
        } else if (_ports[kind] case final port?) {
          unawaited(_ask(port, kind, id, json));
        }
    }
  }

  Future<void> _ask(Port port, int kind, int id, Map<String, dynamic> asked) async {
    final closed = _questions[id] = Completer();
    final answer = await port(Question._(id, asked, closed.future));
    if (_isClosed || _questions.remove(id) == null) return;
    // The app's answer has not the right form: a status of 70000, for example.
    if (_say(_library.answer, id, answer) == Status.badAnswer) {
      _say(_library.answer, id, {
        'error': {'case': _misfits[kind]}
      });
    }
  }

  static const _misfits = {
    Kind.http: 'bad_response',
    Kind.vault: 'other',
    Kind.browser: 'unavailable',
    Kind.appStep: 'failed',
  };
}
