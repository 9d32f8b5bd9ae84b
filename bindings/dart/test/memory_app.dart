import 'dart:convert';
import 'dart:io' hide HttpRequest, HttpResponse;
import 'dart:typed_data';

import 'package:cognito_signout/cognito_signout.dart';

import 'support/fake_cognito.dart' show library;

/// An app whose memory another process searches: `examples/memory_of_app`. It says each of its stages, and waits there. It wipes what
/// it reads, so what it leaves of the tokens comes from Dart's strings, from dart:io, or from this library. No test runs it:
/// docs/how-it-is-proved.md has the command and the figures.
Future<void> main() async {
  final does = Platform.environment['MEMORY_TEST_APP']!;
  final server = Platform.environment['MEMORY_TEST_SERVER']!;
  switch (does) {
    case 'has strings' || 'sends a request':
      await _haveTokens(server, sends: does == 'sends a request');
    default:
      await _signInAndOut(server, does);
  }
  // The collector runs a few times, in the new and in the old part of its memory.
  for (var i = 0; i < 20; i++) {
    List.generate(5000, (each) => List.filled(100, each));
    List.filled(1000000, i);
    await Future<void>.delayed(Duration.zero);
  }
  await _stage('signed out');
  exit(0);
}

Future<void> _stage(String name) async {
  stdout.writeln(name);
  await stdout.flush();
  stdin.readByteSync();
}

/// The access token, the ID token and the refresh token.
List<String> _tokens() {
  final block = Uint8List(16 * 1024);
  for (var i = 0; i < block.length; i++) {
    block[i] = stdin.readByteSync();
  }
  final tokens = <String>[];
  var start = 0;
  while (tokens.length < 3) {
    final end = block.indexOf(0x0a, start);
    tokens.add(String.fromCharCodes(block, start, end));
    start = end + 1;
  }
  block.fillRange(0, block.length, 0);
  return tokens;
}

Future<void> _haveTokens(String server, {required bool sends}) async {
  final tokens = _tokens();
  await _stage('signed in');
  if (sends) await _revoke(server, tokens[2]);
}

/// The request that the library sends in a local sign-out, by the app itself.
Future<void> _revoke(String server, String token) async {
  final client = HttpClient();
  final request = await client.postUrl(Uri.parse(server));
  final body = utf8.encode('{"Token":"$token","ClientId":"1example2client3of4fake5co"}');
  request.headers
    ..set('content-type', 'application/x-amz-json-1.1')
    ..set('x-amz-target', 'AWSCognitoIdentityProviderService.RevokeToken');
  request
    ..contentLength = body.length
    ..add(body);
  final response = await request.close();
  await response.drain<void>();
  if (response.statusCode != 200) throw StateError('${response.statusCode}');
  client.close(force: true);
}

/// Sends nothing, and responds as Cognito does. To a refresh it responds with these tokens: they stand for new ones.
final class _NoNetwork implements HttpTransport {
  Tokens? newTokens;

  @override
  Future<HttpResponse> send(HttpRequest request) async {
    final refreshes = request.headers.any((header) => header.value.endsWith('GetTokensFromRefreshToken'));
    final body = {
      if ((refreshes, newTokens) case (true, final tokens?))
        'AuthenticationResult': {
          'AccessToken': tokens.accessToken.reveal(),
          'IdToken': tokens.idToken.reveal(),
          'RefreshToken': tokens.refreshToken.reveal(),
          'ExpiresIn': 3600,
        },
    };
    return HttpResponse(200,
        headers: const [HttpHeader('content-type', 'application/x-amz-json-1.1')], body: jsonEncode(body));
  }
}

final class _AppVault extends Vault {
  String? _record;

  @override
  Future<String?> read(VaultKey key) async => _record;

  @override
  Future<void> write(VaultKey key, String record) async => _record = record;

  @override
  Future<void> delete(VaultKey key) async => _record = null;
}

Future<void> _signInAndOut(String server, String does) async {
  final noNetwork = _NoNetwork();
  final auth = CognitoAuth(
    AuthConfig('eu-central-1_FakeCog01', '1example2client3of4fake5co',
        endpoint: server, refreshTokenRotation: does == 'refreshes'),
    vault: does == 'has a vault' ? VaultChoice.custom(_AppVault()) : const VaultChoice.memory(),
    transport: does == 'signs out' ? null : noNetwork,
    library: library,
  );
  await _signIn(auth, does, noNetwork);
  await _stage('signed in');
  if (await auth.signOut() is! CognitoCompleteSignOut) throw StateError('not complete');
  auth.close();
}

/// The strings live no longer than this.
Future<void> _signIn(CognitoAuth auth, String does, _NoNetwork noNetwork) async {
  final [access, id, refresh] = _tokens().map(Secret.new).toList();
  final tokens = Tokens(accessToken: access, idToken: id, refreshToken: refresh);
  await auth.storeSession(tokens, SignedInWith.api);
  if (does == 'reads a token') (await auth.tokens()).refreshToken.reveal();
  if (does == 'refreshes') {
    noNetwork.newTokens = tokens;
    await auth.refresh();
    noNetwork.newTokens = null;
  }
}
