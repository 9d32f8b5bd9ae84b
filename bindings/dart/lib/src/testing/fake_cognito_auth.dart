import 'dart:async';

import '../auth.dart';
import '../backend.dart';
import '../error_code.dart';
import '../exceptions.dart';
import '../secret.dart';
import '../session.dart';
import '../user_session.dart';
import '../verification.dart';
import 'fake_result.dart';

/// A call of the code under test: its method and its arguments, as `messages.schema.json` of the C interface names them.
typedef FakeCall = ({String method, Map<String, Object?> args});

/// A [CognitoAuth] for the tests of an app: without a server, a keychain and the native library. Nobody is signed in at first. Every call
/// succeeds, until the test says otherwise.
///
/// ```dart
/// final fake = FakeCognitoAuth()..signIn();
/// fake.answerSignOut(FakeResult.partial(revokeToken: ErrorCode.networkUnavailable));
/// final model = AccountModel(fake.auth);
/// ```
///
/// It has no pages in a browser ([CognitoAuth.beginSignOut] is finished at once), runs no steps of the app's own, and refuses to read
/// other libraries' stores, with an [UnsupportedError].
final class FakeCognitoAuth {
  /// A device on which nobody is signed in.
  FakeCognitoAuth() {
    auth = authOver(_Fake(this));
  }

  /// For the code under test.
  late final CognitoAuth auth;

  /// The calls so far, the first one first.
  final List<FakeCall> calls = [];

  /// What the next [CognitoAuth.resume] or [CognitoAuth.settlePending] pays. Each is paid once.
  final List<FakeResult> settled = [];

  final _results = <FutureOr<FakeResult>>[];
  final _failures = <(String, Map<String, dynamic>)>[];
  final _partials = <FakeResult>[];
  final _left = <List<Map<String, dynamic>>>[];
  final _sessions = <Map<String, dynamic>>[];
  final _unending = <String, String>{};
  final _devices = <String, Object?>{};
  final _events = StreamController<Map<String, dynamic>>.broadcast(sync: true);
  final _states = StreamController<Map<String, dynamic>>.broadcast(sync: true);
  Map<String, dynamic> _state = _signedOut;
  Map<String, dynamic> _tokens = const {};
  EndReason? _ended;
  Object? _identity;
  var _isClosed = false;

  /// Which of its sessions it has: each sign-in begins another one.
  var _session = 0;

  static const _signedOut = {'state': 'signed_out'};

  bool get _isSignedIn => _state['state'] == 'signed_in';

  /// Signs somebody in, as [CognitoAuth.storeSession] does, but without a call.
  void signIn({
    String sub = '5f3c1a52-0000-4000-8000-000000000000',
    String? username = 'ana',
    SignedInWith signedInWith = SignedInWith.api,
    Tokens tokens = const Tokens(
      accessToken: Secret('access token'),
      idToken: Secret('ID token'),
      refreshToken: Secret('refresh token'),
    ),
  }) {
    if (_isSignedIn) _tell({'event': 'signed_out', 'reason': 'replaced', 'app_reason': null});
    _tokens = tokensJson(tokens);
    _session++;
    _ended = null;
    _identity = null;
    _set({
      'state': 'signed_in',
      'session': {
        'sub': sub,
        'username': username,
        'signed_in_with': signedInWith.word,
        'access_token_expires': DateTime.utc(2100).millisecondsSinceEpoch,
        'expired': false,
        'identity_id': null,
      },
    });
    _tell({'event': 'signed_in'});
  }

  /// From now on the keychain cannot be read, because of [code].
  void makeUnavailable([String code = ErrorCode.vaultLocked]) =>
      _set({'state': 'unavailable', 'problem': FakeResult.problem(code)});

  /// Cognito says that the session has ended. It stays on record, as an expired one.
  void expire([EndReason reason = EndReason.expired]) {
    if (!_isSignedIn) throw StateError('nobody is signed in');
    _ended = reason;
    _set({
      ..._state,
      'session': {..._state['session'] as Map<String, dynamic>, 'expired': true},
    });
    _tell({'event': 'session_expired', 'reason': reason.word});
  }

  /// The result of the next sign-out or retry. Several calls say the results of several. A future: the sign-out waits for it.
  void answerSignOut(FutureOr<FakeResult> result) => _results.add(result);

  /// The next call of the code under test fails for [code]: a call that can throw throws an [AuthVaultException] if it [isOfTheKeychain],
  /// and else an [AuthServiceException]. Another call says it in its result.
  void failNext(String code, {bool isOfTheKeychain = false}) =>
      _failures.add((isOfTheKeychain ? 'vault' : 'service', FakeResult.problem(code)));

  /// Adds one of the user's sessions to those that [CognitoAuth.sessions] lists. [endFails]: the code for which it cannot be ended.
  void addSession(
    String id, {
    SessionKind kind = SessionKind.token,
    String? clientId,
    DateTime? lastActive,
    String? device,
    String? city,
    String? country,
    bool isCurrent = false,
    String? endFails,
  }) {
    _sessions.add({
      'id': id,
      'kind': kind.name,
      'client_id': clientId,
      'created': null,
      'last_active': lastActive?.millisecondsSinceEpoch,
      'device': device,
      'city': city,
      'country': country,
      'ip_address': null,
      'origin': null,
      'is_current': isCurrent,
    });
    if (endFails != null) _unending[id] = endFails;
  }

  void _set(Map<String, dynamic> state) => _states.add(_state = state);

  void _tell(Map<String, dynamic> event) => _events.add(event);

  Exception _error(String kind, Map<String, dynamic> problem) => callException({...problem, 'case': kind});

  Exception _errorOf(String kind, String code) => _error(kind, FakeResult.problem(code));

  /// Throws if no session is there that can be used.
  void _needsSession() {
    switch (_state) {
      case {'problem': final Map<String, dynamic> problem}:
        throw _error('vault', problem);
      case {'state': 'signed_out'}:
        throw _errorOf('signed_out', ErrorCode.signedOut);
    }
    if (_ended != null) throw _errorOf('session_expired', ErrorCode.sessionExpired);
  }

  Future<Object?> _answer(String method, Map<String, Object?> args) async {
    final failure = _failures.isEmpty ? null : _failures.removeAt(0);
    switch (method) {
      case 'sign_out' || 'begin_sign_out' || 'retry' || 'begin_retry' || 'finish_sign_out':
        final result = await _signOut(method, args, failure?.$2['code'] as String?);
        return method == 'sign_out' || method == 'retry' ? result : {'progress': 'finished', 'result': result};
      case 'sign_out_others' || 'retry_others':
        return _endOthers(args, failure?.$2);
      case 'verify':
        return switch ((failure, _ended)) {
          ((_, final problem), _) => {'verification': 'unknown', 'problem': problem},
          (_, final reason?) => {'verification': 'ended', 'reason': reason.word},
          _ when _isSignedIn => {'verification': 'alive'},
          _ => {'verification': 'unknown', 'problem': _state['problem'] ?? FakeResult.problem(ErrorCode.signedOut)},
        };
      case 'session':
        return failure == null ? _state : {'state': 'unavailable', 'problem': failure.$2};
    }
    if (failure case (final kind, final problem)) throw _error(kind, problem);
    switch (method) {
      case 'tokens' || 'refresh':
        _needsSession();
        return _tokens;
      case 'store_session':
        signIn(signedInWith: signedInWithOf(args['signed_in_with']), tokens: tokensOf(args));
      case 'resume':
        return {'settled': _pay(), 'web_step': null};
      case 'settle_pending':
        return _pay();
      case 'sessions':
        _needsSession();
        return [..._sessions];
      case 'end_session':
        _needsSession();
        _end(args['id']! as String);
      case 'clear_local' || 'purge_local':
        _set(_signedOut);
      case 'session_ended':
        _needsSession();
        final session = _session;
        await _states.stream.firstWhere((state) => state['state'] == 'signed_out' || _session != session,
            orElse: () => throw StateError('the CognitoAuth is closed'));
      case 'set_identity':
        _needsSession();
        _identity = args['identity'];
      case 'identity':
        _needsSession();
        return _identity;
      case 'set_device':
        _devices[args['username']! as String] = args['device'];
      case 'device':
        return _devices[args['username']];
      case 'logout_url' || 'logout_to_login_url':
        return 'https://auth.example.com/logout';
      case 'remote_sign_out':
        return const {'outcome': 'not_recognized'};
      case 'classify' || 'classify_www_authenticate':
        return Refusal.other.word;
      case 'refresh_state' || 'ask_to_unlock_keychain':
        break;
      default:
        throw UnsupportedError('a FakeCognitoAuth cannot do $method');
    }
    return null;
  }

  Future<Map<String, dynamic>> _signOut(String method, Map<String, Object?> args, String? code) async {
    final everywhere = args['global'] == true;
    final isRetry = method == 'retry' || method == 'begin_retry';
    final result = code != null
        ? FakeResult.failed(code)
        : _results.isNotEmpty
            ? await _results.removeAt(0)
            : _isSignedIn || isRetry
                ? FakeResult.complete(everywhere: everywhere)
                : FakeResult.nobodySignedIn();
    if (!isRetry && result.json['result'] != 'failed' && _isSignedIn) {
      _set(_signedOut);
      _tell({'event': 'signed_out', 'reason': everywhere ? 'global' : 'local', 'app_reason': args['reason']});
    }
    return _numbered(result, args['reason']);
  }

  List<Object?> _pay() {
    final paid = [for (final result in settled) _numbered(result, null)];
    settled.clear();
    return paid;
  }

  /// A partial result has a number, by which its tokens are asked for.
  Map<String, dynamic> _numbered(FakeResult result, Object? reason) {
    _partials.add(result);
    return {
      ...result.json,
      'report': {...result.json['report'] as Map<String, dynamic>, 'app_reason': reason},
      'partial': _partials.length - 1,
      'displaced': [for (final older in result.displaced) _numbered(older, null)],
    };
  }

  Map<String, dynamic> _endOthers(Map<String, Object?> args, Map<String, dynamic>? problem) {
    if (problem != null) return {'result': 'failed', 'problem': problem};
    final others = switch (args['partial']) {
      final int partial => _left[partial],
      _ => [..._sessions.where((session) => session['is_current'] == false)],
    };
    Object? end(Map<String, dynamic> session) {
      final code = _unending[session['id']];
      if (code == null) _sessions.remove(session);
      return code == null ? null : FakeResult.problem(code);
    }

    final sessions = [
      for (final session in others) {'session': session, 'error': end(session)}
    ];
    final left = [...others.where(_sessions.contains)];
    if (left.isEmpty) return {'result': 'complete', 'sessions': sessions};
    _left.add(left);
    return {'result': 'partial', 'sessions': sessions, 'partial': _left.length - 1};
  }

  void _end(String id) {
    final session = _sessions.where((session) => session['id'] == id).firstOrNull;
    if (session == null) throw _errorOf('service', ErrorCode.sessionNotFound);
    if (session['is_current'] == true) throw _errorOf('service', ErrorCode.ownSession);
    if (_unending[id] case final code?) throw _errorOf('service', code);
    _sessions.remove(session);
  }
}

final class _Fake implements Backend {
  _Fake(this._fake);

  final FakeCognitoAuth _fake;

  @override
  Future<Object?> call(String method, [Map<String, Object?> args = const {}]) async {
    if (_fake._isClosed) throw StateError('the CognitoAuth is closed');
    // The second half of an answer, and no call of the code under test.
    if (method == 'partial_tokens') return _fake._partials[args['partial']! as int].tokens;
    _fake.calls.add((method: method, args: args));
    return _fake._answer(method, args);
  }

  @override
  Stream<Map<String, dynamic>> subscribe(String to) => to == 'events'
      ? _fake._events.stream
      : Stream.multi((listener) {
          listener.add(_fake._state);
          final changes = _fake._states.stream.listen(listener.add, onDone: listener.close);
          listener.onCancel = changes.cancel;
        }, isBroadcast: true);

  @override
  void release(int partial) {}

  @override
  void close() {
    _fake._isClosed = true;
    unawaited(_fake._events.close());
    unawaited(_fake._states.close());
  }
}
