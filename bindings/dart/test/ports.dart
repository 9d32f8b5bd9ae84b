import 'dart:async';
import 'dart:convert';
import 'dart:io';

import 'package:cognito_signout/cognito_signout.dart' hide HttpResponse, HttpRequest;
import 'package:cognito_signout/cognito_signout.dart' as ours show HttpRequest, HttpResponse;

import 'support/checks.dart';
import 'support/fake_cognito.dart';
import 'support/ports.dart';
import 'support/untrusted.dart';

final class _Transport implements HttpTransport {
  _Transport(this._send);

  final Future<ours.HttpResponse> Function(ours.HttpRequest) _send;

  @override
  Future<ours.HttpResponse> send(ours.HttpRequest request) => _send(request);
}

final class _LockedVault extends TestVault implements SharedVault {
  _LockedVault(super.storage);

  final uses = <String>[];

  @override
  Future<String?> read(VaultKey key) {
    uses.add('read');
    return super.read(key);
  }

  @override
  Future<void> lock(VaultKey key, Duration patience) async {
    isTrue(patience > Duration.zero, patience);
    uses.add('lock');
  }

  @override
  Future<void> unlock(VaultKey key) async => uses.add('unlock');
}

/// Does not wait until its redirect has arrived.
final class _HastyBrowser implements Browser {
  @override
  Future<void> show(BrowserVisit visit) async {
    unawaited(visit.redirected(visit.page.redirect));
  }
}

/// What the app's own ports can do wrong, and what `dart:io` makes of a network.
void addPortTests(Tests test) {
  Future<CognitoPartialSignOut> signOutOver(HttpTransport transport, {Duration? deadline}) async {
    final fake = await FakeCognito.start();
    final auth = fake.auth(transport: transport);
    await auth.storeSession(await fake.signIn(), SignedInWith.api);
    final result = await auth.signOut(options: SignOutOptions(deadline: deadline));
    auth.close();
    await fake.stop();
    return result as CognitoPartialSignOut;
  }

  test('a response that has not the right form fails the request at once', () async {
    final watch = Stopwatch()..start();
    final partial = await signOutOver(_Transport((_) async => const ours.HttpResponse(70000)));
    same(ErrorCode.unexpectedResponse, partial.revokeTokenException?.code);
    isTrue(watch.elapsed < const Duration(seconds: 8), 'it took ${watch.elapsed}');
  });

  test('a transport is told when nobody waits any more', () async {
    final closed = Completer<void>();
    final partial = await signOutOver(_Transport((request) async {
      await request.closed;
      if (!closed.isCompleted) closed.complete();
      return const ours.HttpResponse(200);
    }), deadline: const Duration(milliseconds: 500));
    same(ErrorCode.timedOut, partial.revokeTokenException?.code);
    await closed.future;
  });

  test('a request of dart:io is aborted when nobody waits any more', () async {
    final server = await ServerSocket.bind(InternetAddress.loopbackIPv4, 0);
    final gone = Completer<void>();
    server.listen((socket) => socket.listen((_) {}, onDone: () => gone.isCompleted ? null : gone.complete(), onError: (_) {}));
    final fake = await FakeCognito.start();
    final auth = fake.auth(
        config: AuthConfig(fake.userPoolId, fake.clientId, endpoint: 'http://127.0.0.1:${server.port}/'));
    await auth.storeSession(await fake.signIn(), SignedInWith.api);
    final watch = Stopwatch()..start();
    final result = await auth.signOut(options: const SignOutOptions(deadline: Duration(milliseconds: 500)));
    same(ErrorCode.timedOut, (result as CognitoPartialSignOut).revokeTokenException?.code);
    isTrue(watch.elapsed < const Duration(seconds: 3), 'it took ${watch.elapsed}');
    await gone.future;
    auth.close();
    await server.close();
    await fake.stop();
  });

  test('a server whose certificate nobody has signed is not trusted, and gets one connection', () async {
    final server = await UntrustedServer.start();
    final fake = await FakeCognito.start();
    final auth = fake.auth(config: AuthConfig(fake.userPoolId, fake.clientId, endpoint: server.url));
    await auth.storeSession(await fake.signIn(), SignedInWith.api);
    final partial = await auth.signOut() as CognitoPartialSignOut;
    same(ErrorCode.untrustedServer, partial.revokeTokenException?.code);
    isTrue(partial.kept, 'the debt');
    same(1, server.connections);
    same(0, server.requests);
    auth.close();
    await server.stop();
    await fake.stop();
  });

  for (final (name, bytes, code) in [
    ('is no HTTP', 'not HTTP at all\r\n\r\n', ErrorCode.unexpectedResponse),
    ('is too large', 'HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\n${'x' * 2000000}', ErrorCode.unexpectedResponse),
    ('ends too early', 'HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}', ErrorCode.networkUnavailable),
    ('is a redirect', 'HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n', ErrorCode.unexpectedResponse),
  ]) {
    test('a response that $name is said to be so', () async {
      var connections = 0;
      final server = await ServerSocket.bind(InternetAddress.loopbackIPv4, 0);
      server.listen((socket) {
        connections++;
        socket.listen((_) async {
          socket.write(bytes);
          await socket.flush().catchError((Object _) {});
          socket.destroy();
        }, onError: (_) {});
      });
      final fake = await FakeCognito.start();
      final auth = fake.auth(
          config: AuthConfig(fake.userPoolId, fake.clientId, endpoint: 'http://127.0.0.1:${server.port}/'));
      await auth.storeSession(await fake.signIn(), SignedInWith.api);
      final partial = await auth.signOut() as CognitoPartialSignOut;
      same(code, partial.revokeTokenException?.code, name);
      isTrue(connections >= 1, 'nobody came');
      auth.close();
      await server.close();
      await fake.stop();
    });
  }

  test('a shared vault is locked around each use, and unlocked as often', () async {
    final fake = await FakeCognito.start();
    final vault = _LockedVault(TestStorage());
    final auth = fake.auth(vault: VaultChoice.custom(vault));
    await auth.storeSession(await fake.signIn(), SignedInWith.api);
    await auth.signOut();
    final locks = vault.uses.where((use) => use == 'lock').length;
    isTrue(locks > 1, vault.uses);
    same(locks, vault.uses.where((use) => use == 'unlock').length);
    isTrue(vault.uses.indexOf('lock') < vault.uses.lastIndexOf('read'), vault.uses);
    auth.close();
    await fake.stop();
  });

  test('a browser that ends right after the redirect does not overtake it', () async {
    final fake = await FakeCognito.start();
    const pages = HostedUi(domain: 'auth.example.com', signOutUris: [SignOutUri('myapp://out')]);
    final config = AuthConfig(fake.userPoolId, fake.clientId, endpoint: fake.url, hostedUi: pages);
    final auth = fake.auth(config: config, browser: _HastyBrowser());
    for (var i = 0; i < 10; i++) {
      await auth.storeSession(await fake.signIn(), SignedInWith.hostedUi);
      final result = await auth.signOut();
      isTrue(result is CognitoCompleteSignOut && result.report.steps.web is StepDone, result);
    }
    auth.close();
    await fake.stop();
  });

  test('a server that does not take connections gets as much time as the setting says', () async {
    // The system takes as many as fit into the queue, and the program none.
    final server = await RawServerSocket.bind(InternetAddress.loopbackIPv4, 0, backlog: 1);
    final queue = [for (var i = 0; i < 3; i++) Socket.startConnect(InternetAddress.loopbackIPv4, server.port)];
    final fake = await FakeCognito.start();
    final auth = fake.auth(
        config: AuthConfig(fake.userPoolId, fake.clientId,
            endpoint: 'http://127.0.0.1:${server.port}/', connectTimeout: const Duration(milliseconds: 100)));
    await auth.storeSession(await fake.signIn(), SignedInWith.api);
    final watch = Stopwatch()..start();
    final partial = await auth.signOut() as CognitoPartialSignOut;
    same(ErrorCode.networkUnavailable, partial.revokeTokenException?.code);
    isTrue(watch.elapsed < const Duration(seconds: 3), 'it took ${watch.elapsed}');
    for (final waiting in queue) {
      final task = await waiting;
      task.socket.then((socket) => socket.destroy(), onError: (_) {}).ignore();
      task.cancel();
    }
    auth.close();
    await server.close();
    await fake.stop();
  });

  test("the hosted pages' URLs", () async {
    final fake = await FakeCognito.start();
    final auth = fake.auth(
      config: AuthConfig(
        fake.userPoolId,
        fake.clientId,
        hostedUi: const HostedUi(
          domain: 'auth.example.com',
          signOutUris: [SignOutUri('https://example.com/out', endsAt: 'myapp://out')],
          callbackUris: ['myapp://in'],
          providers: {
            'Oidc': ProviderLogout.oidc(issuer: 'https://idp.example.com', clientId: 'a'),
            'Template': ProviderLogout.template('https://idp.example.com/out?to={redirect}&state={state}'),
            'Google': ProviderLogout.google(),
            'Entra': ProviderLogout.entra(tenant: 'common', clientId: 'a'),
            'Okta': ProviderLogout.okta('example.okta.com'),
            'Auth0': ProviderLogout.auth0(domain: 'example.eu.auth0.com', clientId: 'a'),
            'Saml': ProviderLogout.samlSingleLogout(),
            'Other': ProviderLogout.leftAlone(),
          },
        ),
      ),
    );
    final url = Uri.parse(await auth.logoutUrl());
    same(['auth.example.com', '/logout', 'https://example.com/out'],
        [url.host, url.path, url.queryParameters['logout_uri']]);
    final login = Uri.parse(await auth.logoutToLoginUrl(scopes: ['openid'], state: 'x'));
    same(['myapp://in', 'openid', 'x'],
        [for (final name in ['redirect_uri', 'scope', 'state']) login.queryParameters[name]]);
    same(ErrorCode.invalidInput, (await throws<InvalidInputException>(() => auth.logoutUrl(signOutUri: 'a:b'))).code);
    auth.close();
    await fake.stop();
  });

  test("the library's own browser can be chosen, and its words are checked", () async {
    final fake = await FakeCognito.start();
    const texts = ClosingTexts(
        language: 'de', signedOut: 'Abgemeldet', signedOutNext: 'Zu', notSignedOut: 'Nein', notSignedOutNext: 'Zurück');
    fake.auth(browser: const SystemBrowser(appName: 'Books', closingTexts: [texts])).close();
    await throws<InvalidInputException>(() => fake.auth(browser: SystemBrowser(appName: 'x' * 3000)));
    await fake.stop();
  });

  test('a request has the headers that the library wants, and no others of dart:io', () async {
    final server = await HttpServer.bind(InternetAddress.loopbackIPv4, 0);
    final names = Completer<List<String>>();
    server.listen((request) async {
      final all = <String>[];
      request.headers.forEach((name, _) => all.add(name));
      if (!names.isCompleted) names.complete(all);
      await utf8.decodeStream(request);
      await request.response.close();
    });
    final fake = await FakeCognito.start();
    final auth = fake.auth(
        config: AuthConfig(fake.userPoolId, fake.clientId, endpoint: 'http://127.0.0.1:${server.port}/'));
    await auth.storeSession(await fake.signIn(), SignedInWith.api);
    await auth.signOut();
    final came = (await names.future)..sort();
    same(['content-length', 'content-type', 'host', 'user-agent', 'x-amz-target'], came);
    auth.close();
    await server.close(force: true);
    await fake.stop();
  });
}
