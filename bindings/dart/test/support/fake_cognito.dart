import 'dart:async';
import 'dart:convert';
import 'dart:ffi';
import 'dart:io';

import 'package:cognito_signout/cognito_signout.dart';

/// The native library under test.
final DynamicLibrary library = DynamicLibrary.open(Platform.environment['COGNITO_SIGNOUT_LIBRARY']!);

/// `FakeCognito` in its own process: see `examples/fake_cognito`. It ends with this process.
final class FakeCognito {
  FakeCognito._(this._process, this._answers);

  static Future<FakeCognito> start([List<String> arguments = const []]) async {
    final process = await Process.start(Platform.environment['FAKE_COGNITO']!, arguments);
    process.stderr.listen(stderr.add);
    final lines = process.stdout.transform(utf8.decoder).transform(const LineSplitter());
    final fake = FakeCognito._(process, StreamIterator(lines));
    fake._place = await fake._answer();
    return fake;
  }

  final Process _process;
  final StreamIterator<String> _answers;
  late final Map<String, dynamic> _place;
  Future<void> _last = Future.value();

  String get url => _place['url'] as String;
  String get userPoolId => _place['user_pool_id'] as String;
  String get clientId => _place['client_id'] as String;

  AuthConfig config({UnpaidRevocations? unpaid, bool? sessionTracking}) => AuthConfig(userPoolId, clientId,
      endpoint: url, unpaidRevocations: unpaid, sessionTracking: sessionTracking);

  /// A handle for this server, with its record in memory.
  CognitoAuth auth({
    AuthConfig? config,
    VaultChoice vault = const VaultChoice.memory(),
    HttpTransport? transport,
    Browser? browser,
    List<AppStep> signOutSteps = const [],
  }) =>
      CognitoAuth(config ?? this.config(),
          vault: vault, transport: transport, browser: browser, signOutSteps: signOutSteps, library: library);

  Future<Tokens> signIn([String user = 'ana', Map<String, Object?> more = const {}]) async {
    final tokens = await order({'do': 'sign_in', 'user': user, ...more});
    return Tokens(
      accessToken: Secret(tokens['access_token'] as String),
      idToken: Secret(tokens['id_token'] as String),
      refreshToken: Secret(tokens['refresh_token'] as String),
    );
  }

  /// The names of the operations that the server received, in order.
  Future<List<String>> requests() async =>
      [for (final request in (await order({'do': 'requests'}))['requests'] as List) (request as Map)['operation'] as String];

  Future<int> liveSessions([String user = 'ana']) async =>
      (await order({'do': 'live_sessions', 'user': user}))['live'] as int;

  Future<bool> hasBrowserSession(String user) async =>
      (await order({'do': 'has_browser_session', 'user': user}))['live'] as bool;

  Future<List<String>> issuedTokens() async => ((await order({'do': 'issued_tokens'}))['tokens'] as List).cast();

  /// One order after the other.
  Future<Map<String, dynamic>> order(Map<String, Object?> order) {
    final answer = _last.then((_) async {
      _process.stdin.writeln(jsonEncode(order));
      final answer = await _answer();
      if (answer.containsKey('error')) throw StateError('$order: $answer');
      return answer;
    });
    _last = answer.then((_) {}, onError: (_) {});
    return answer;
  }

  Future<void> stop() async {
    await _process.stdin.close();
    await _process.exitCode;
    await _answers.cancel();
  }

  Future<Map<String, dynamic>> _answer() async {
    if (!await _answers.moveNext()) throw StateError('the fake Cognito has ended');
    return jsonDecode(_answers.current) as Map<String, dynamic>;
  }
}
