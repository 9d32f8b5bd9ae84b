import 'dart:convert';
import 'dart:ffi';
import 'dart:io';

import 'package:cognito_signout/cognito_signout.dart';

import '../example/move_in.dart';
import '../example/vault.dart';
import 'support/checks.dart';
import 'support/fake_cognito.dart';
import 'support/ports.dart';

/// Settings, identities, adoption, and what is printed.
void addValueTests(Tests test) {
  const pool = 'eu-central-1_AbCdEf123', client = '3n4b5urk1ft4fl3mg5e62d9ado';

  test('a setting that is not valid is named, and a library that is missing too', () async {
    final wrong = await throws<InvalidInputException>(() => CognitoAuth(const AuthConfig('nonsense', client),
        vault: const VaultChoice.memory(), library: library));
    isTrue(wrong.message.contains('user_pool_id') && wrong.recoverySuggestion.isNotEmpty, wrong);
    final missing = await throws<UnusableException>(
        () => CognitoAuth(const AuthConfig(pool, client), library: DynamicLibrary.process()));
    same(ErrorCode.nativeLibraryMissing, missing.code);
  });

  test("Amplify's file is read, and a setting replaces the one in it", () async {
    final file = File('${Platform.environment['AMPLIFY_FILES']}/amplify_outputs.json').readAsStringSync();
    final auth = CognitoAuth(
        AuthConfig.fromAmplifyJson(file,
            hostedUi: const HostedUi(domain: 'other.example.com', signOutUris: [SignOutUri('myapp://out')])),
        vault: const VaultChoice.memory(),
        library: library);
    isTrue((await auth.logoutUrl()).startsWith('https://other.example.com/logout?'), await auth.logoutUrl());
    auth.close();
  });

  test('every setting is known to the library', () async {
    CognitoAuth(
      const AuthConfig(
        pool,
        client,
        clientSecret: Secret('secret'),
        region: 'eu-central-1',
        endpoint: 'https://proxy.example.com/',
        userAgent: 'app/1',
        refreshTokenRotation: true,
        connectTimeout: Duration(seconds: 1),
        attemptTimeout: Duration(seconds: 2),
        refreshMargin: Duration(seconds: 30),
        unpaidRevocations: UnpaidRevocations.keep(maxAge: Duration(days: 1), maxDebts: 2),
        revocationRoute: RevocationRoute.userPoolsApi,
        sessionTracking: true,
        hostedUi: HostedUi(domain: 'auth.example.com', signOutUris: [SignOutUri('myapp://out')]),
        providerLogouts: {'Google': ProviderLogout.google()},
      ),
      vault: const VaultChoice.keychain(servicePrefix: 'test', lockDirectory: '/tmp'),
      signOutSteps: [AppStep('a', Phase.afterSignOut, (_) async {}, timeLimit: const Duration(seconds: 1))],
      library: library,
    ).close();
  });

  test("where a browser can return to is only for a browser of the app's own", () async {
    CognitoAuth open(Browser? browser) => CognitoAuth(const AuthConfig(pool, client),
        vault: const VaultChoice.memory(), browser: browser, redirects: ['myapp'], library: library);
    open(TestBrowser('comes_back')).close();
    for (final browser in [null, const SystemBrowser()]) {
      isTrue((await throws<InvalidInputException>(() => open(browser))).message.contains('redirects'), browser);
    }
  });

  test('what holds a secret prints none', () {
    const secret = Secret('SECRET');
    const tokens = Tokens(accessToken: secret, idToken: secret, refreshToken: secret);
    final credentials =
        AwsCredentials(accessKeyId: 'AKIA', secretAccessKey: secret, sessionToken: secret, expires: DateTime(2030));
    final printed = [
      secret,
      tokens,
      Identity('id', credentials: credentials),
      const Device(key: 'key', groupKey: 'group', password: secret),
      const AdoptedSession(tokens: tokens, signedInWith: SignedInWith.api),
      const AuthConfig(pool, client, clientSecret: secret),
      const HttpHeader('authorization', 'SECRET'),
      const HttpResponse(200, body: 'SECRET'),
    ].join(' ');
    isTrue(!printed.contains('SECRET') && secret.reveal() == 'SECRET' && secret.hashCode == 0, printed);
    return Future.value();
  });

  test('an identity and a device come back as they were stored', () async {
    final fake = await FakeCognito.start();
    final auth = fake.auth();
    await auth.storeSession(await fake.signIn(), SignedInWith.api);
    final expires = DateTime.utc(2030, 1, 2, 3, 4, 5);
    await auth.setIdentity(Identity('eu-central-1:1',
        credentials: AwsCredentials(
            accessKeyId: 'AKIA',
            secretAccessKey: const Secret('s'),
            sessionToken: const Secret('t'),
            expires: expires)));
    final credentials = (await auth.identity())!.credentials!;
    same(['AKIA', 's', 't'],
        [credentials.accessKeyId, credentials.secretAccessKey.reveal(), credentials.sessionToken.reveal()]);
    isTrue(credentials.expires == expires, credentials.expires);
    same('eu-central-1:1', (await auth.session() as SignedInState).session.identityId);
    await auth.setIdentity(null);
    same(null, await auth.identity());
    await auth.setDevice('ana', const Device(key: 'k', groupKey: 'g', password: Secret('p')));
    final device = (await auth.device('ana'))!;
    same(['k', 'g', 'p'], [device.key, device.groupKey, device.password.reveal()]);
    auth.close();
    await fake.stop();
  });

  test('a session of Amplify Flutter is read item by item, adopted, and its items are named', () async {
    const identityPool = 'eu-central-1:11112222-3333-4444-5555-666677778888';
    final file = File('${Platform.environment['AMPLIFY_FILES']}/adopt/amplify_flutter.json');
    final store = (jsonDecode(file.readAsStringSync()) as Map<String, dynamic>).cast<String, String>();
    final auth = CognitoAuth(const AuthConfig(pool, client), vault: const VaultChoice.memory(), library: library);
    final items = await amplifyFlutterItems((name) async => store[name], clientId: client, identityPoolId: identityPool);
    final session = await auth.readSession(Layout.amplifyFlutter, items, identityPoolId: identityPool);
    same(['golden-refresh-token-of-ana', 'ana', 'eu-central-1_golden-device', 'golden/device+secret'], [
      session.tokens.refreshToken.reveal(),
      session.username,
      session.device?.key,
      session.device?.password.reveal(),
    ]);
    isTrue(session.identity?.credentials != null, session.identity);
    isTrue(await auth.adopt(session) is Adopted, 'not adopted');
    isTrue(await auth.adopt(session) is AlreadySignedIn, 'adopted twice');
    same('ana', (await auth.session() as SignedInState).session.username);
    for (final name in await auth.namesToForget(Layout.amplifyFlutter, items, identityPoolId: identityPool)) {
      isTrue(store.remove(name) != null, 'no $name');
    }
    final left = await amplifyFlutterItems((name) async => store[name], clientId: client, identityPoolId: identityPool);
    final nobody = await throws<AdoptException>(() => auth.readSession(Layout.amplifyFlutter, left));
    isTrue(nobody.reason == AdoptExceptionReason.nobodySignedIn && left.isEmpty, '$nobody, and ${left.keys} are left');
    auth.close();
  });

  test("a user of Amplify Flutter stays signed in, Amplify's items are gone, and so they are after a move that was cut short", () async {
    final fake = await FakeCognito.start();
    final auth = fake.auth();
    final tokens = await fake.signIn();
    final store = _amplifys(fake, tokens);
    Future<String?> read(String name) async => store[name];
    await fake.order({'do': 'go_offline'});
    await moveIn(auth, read, (name) async => store.remove(name), clientId: fake.clientId);
    same(4, store.length, 'offline, nothing is forgotten');
    await fake.order({'do': 'go_online'});
    await moveIn(auth, read, (name) async => store.remove(name), clientId: fake.clientId);
    same(['${fake.clientId}.asfDeviceId'], store.keys.toList());
    final requests = await fake.requests();
    await moveIn(auth, read, (name) async => store.remove(name), clientId: fake.clientId);
    same(requests, await fake.requests(), 'a move that is over asks nobody');
    isTrue(await auth.session() is SignedInState, 'signed out by moving');
    await auth.signOut();
    same(0, await fake.liveSessions());
    auth.close();
    await fake.stop();
  });

  test("Amplify's session stays where it is as long as the keychain cannot be read", () async {
    final fake = await FakeCognito.start();
    final storage = TestStorage()..failing = const {'read': 'locked'};
    final auth = fake.auth(vault: VaultChoice.custom(TestVault(storage)));
    final store = _amplifys(fake, await fake.signIn());
    final before = store.keys.toList();
    await moveIn(auth, (name) => store[name], store.remove, clientId: fake.clientId);
    same(before, store.keys.toList());
    storage.failing = const {};
    await moveIn(auth, (name) => store[name], store.remove, clientId: fake.clientId);
    same(1, store.length);
    isTrue(await auth.session() is SignedInState, 'not moved');
    auth.close();
    await fake.stop();
  });

  test('a session that was signed out here is removed from a copy of the store, and nobody is signed in by it', () async {
    final fake = await FakeCognito.start();
    final auth = fake.auth();
    final tokens = await fake.signIn();
    final store = _amplifys(fake, tokens);
    final copy = {...store};
    await moveIn(auth, (name) => store[name], store.remove, clientId: fake.clientId);
    await auth.signOut();
    await moveIn(auth, (name) => copy[name], copy.remove, clientId: fake.clientId);
    same(1, copy.length);
    isTrue(await auth.session() is SignedOutState, 'signed in again');
    auth.close();
    await fake.stop();
  });

  test('a vault over secure storage keeps the session', () async {
    final fake = await FakeCognito.start();
    final storage = _Storage();
    final auth = fake.auth(vault: VaultChoice.custom(SecureStorageVault(storage)));
    await auth.storeSession(await fake.signIn(), SignedInWith.api);
    same(['${fake.userPoolId}/${fake.clientId}'], storage.items.keys.toList());
    await auth.purgeLocal();
    same(0, storage.items.length);
    auth.close();
    await fake.stop();
  });

  test("the guide's code is that of the examples, which the tests run", () async {
    final root = Directory('${Platform.environment['AMPLIFY_FILES']}/../..');
    final examples = [
      for (final file in Directory('${root.path}/bindings/dart/example').listSync()) (file as File).readAsStringSync(),
    ].join();
    for (final guide in ['docs/dart.md', 'bindings/dart/README.md']) {
      final blocks = RegExp('^```dart\n(.*?)^```', multiLine: true, dotAll: true)
          .allMatches(File('${root.path}/$guide').readAsStringSync());
      isTrue(blocks.isNotEmpty, guide);
      for (final block in blocks) {
        isTrue(examples.contains(block[1]!), '$guide: ${block[1]}');
      }
    }
  });
}

/// What Amplify Flutter's store has: an item that is no part of the session, too.
Map<String, String> _amplifys(FakeCognito fake, Tokens tokens) => {
      for (final (name, token) in [
        ('accessToken', tokens.accessToken),
        ('idToken', tokens.idToken),
        ('refreshToken', tokens.refreshToken),
      ])
        '${fake.clientId}.$name': token.reveal(),
      '${fake.clientId}.asfDeviceId': 'stays',
    };

final class _Storage implements SecureStorage {
  final items = <String, String>{};

  @override
  Future<String?> read({required String key}) async => items[key];

  @override
  Future<void> write({required String key, required String? value}) async => items[key] = value!;

  @override
  Future<void> delete({required String key}) async => items.remove(key);
}
