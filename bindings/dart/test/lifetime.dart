import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:isolate';

import 'package:cognito_signout/cognito_signout.dart';
import 'package:cognito_signout/src/native/connection.dart';
import 'package:cognito_signout/src/native/library.dart';

import 'support/checks.dart';
import 'support/fake_cognito.dart';
import 'support/ports.dart';

/// A vault that every isolate can use: one file for the record.
final class FileVault extends Vault {
  FileVault(this._path);

  final String _path;

  @override
  String get name => _path;

  @override
  Future<String?> read(VaultKey key) async => File(_path).existsSync() ? File(_path).readAsString() : null;

  @override
  Future<void> write(VaultKey key, String record) => File(_path).writeAsString(record, flush: true);

  @override
  Future<void> delete(VaultKey key) => File(_path).delete();
}

/// What becomes of calls when their handle or their isolate is gone.
void addLifetimeTests(Tests test) {
  test('closing cuts a sign-out off: the call fails, the streams end, and the next process pays', () async {
    final fake = await FakeCognito.start();
    final storage = TestStorage();
    final auth = fake.auth(vault: VaultChoice.custom(TestVault(storage)));
    await auth.storeSession(await fake.signIn(), SignedInWith.api);
    await fake.order({'do': 'fault', 'operation': 'RevokeToken', 'fault': 'Hang', 'times': 1});
    final events = auth.events.toList();
    final signOut = throws<StateError>(auth.signOut);
    await eventually(() async => (await fake.requests()).isNotEmpty, 'the request');
    isTrue(await auth.session() is SignedOutState, 'the commit');
    auth
      ..close()
      ..close();
    await signOut;
    same(1, (await events).length);
    same(0, await auth.events.length);
    await throws<StateError>(auth.session);
    final next = fake.auth(vault: VaultChoice.custom(TestVault(storage)));
    await eventually(() async => (await next.resume()).settled.isNotEmpty, 'the payment');
    same(0, await fake.liveSessions());
    next.close();
    await fake.stop();
  });

  test('nothing keeps a program alive after it has closed its handle', () async {
    final fake = await FakeCognito.start();
    final exits = ReceivePort();
    final watch = Stopwatch()..start();
    await Isolate.spawn(_signOutAndClose, (fake.config(), await fake.signIn()), onExit: exits.sendPort);
    await exits.first;
    isTrue(watch.elapsed < const Duration(seconds: 8), 'it took ${watch.elapsed}');
    same(['RevokeToken'], await fake.requests());
    await fake.stop();
  });

  for (final (settings, open) in [('that are not valid', _openNonsense), ('that are no JSON', _openNoJson)]) {
    test('nothing keeps a program alive that has opened no handle, with settings $settings', () async {
      final (exits, errors) = (ReceivePort(), ReceivePort());
      final seen = errors.toList();
      await Isolate.spawn(open, null, onExit: exits.sendPort, onError: errors.sendPort);
      await exits.first.timeout(const Duration(seconds: 30));
      errors.close();
      same(0, (await seen).length);
    });
  }

  test('a subscription that the library refuses ends', () async {
    final connection = Connection.open(NativeLibrary.of(library), const {
      'user_pool_id': 'eu-central-1_AbCdEf123',
      'client_id': 'a',
      'vault': {'kind': 'memory'},
    }, const {});
    var refusals = 0;
    same(0, await connection.subscribe('nonsense').handleError((Object _) => refusals++).length);
    same(1, refusals);
    connection.close();
  });

  test('an isolate that is killed in the middle of a sign-out takes nothing with it, and another one pays', () async {
    final fake = await FakeCognito.start();
    final folder = Directory.systemTemp.createTempSync('cognito-signout-dart');
    final path = '${folder.path}/record';
    final tokens = await fake.signIn();
    await fake.order({'do': 'fault', 'operation': 'RevokeToken', 'fault': 'Hang', 'times': 1});
    final isolate = await Isolate.spawn(_signOutAndHang, (fake.config(), path, tokens));
    final exits = ReceivePort();
    isolate.addOnExitListener(exits.sendPort);
    await eventually(() async => (await fake.requests()).isNotEmpty, 'the request');
    isolate.kill(priority: Isolate.immediate);
    await exits.first;
    final next = fake.auth(vault: VaultChoice.custom(FileVault(path)));
    isTrue(await next.session() is SignedOutState, 'the commit');
    await eventually(() async => (await next.resume()).settled.isNotEmpty, 'the payment');
    same(0, await fake.liveSessions());
    next.close();
    folder.deleteSync(recursive: true);
    await fake.stop();
  });

  test('vaults of the same name are one storage: two handles share one sign-out', () async {
    final fake = await FakeCognito.start();
    final folder = Directory.systemTemp.createTempSync('cognito-signout-dart');
    final path = '${folder.path}/record';
    final (one, other) =
        (fake.auth(vault: VaultChoice.custom(FileVault(path))), fake.auth(vault: VaultChoice.custom(FileVault(path))));
    await one.storeSession(await fake.signIn(), SignedInWith.api);
    final results = await Future.wait([one.signOut(), other.signOut()]);
    isTrue(results.every((result) => result.report.steps.revokeToken is StepDone), results);
    same(['RevokeToken'], await fake.requests());
    one.close();
    other.close();
    folder.deleteSync(recursive: true);
    await fake.stop();
  });
}

/// In an isolate of its own.
Future<void> _openNonsense(Object? _) => throws<InvalidInputException>(
    () => CognitoAuth(const AuthConfig('nonsense', 'a'), vault: const VaultChoice.memory(), library: library));

/// In an isolate of its own.
Future<void> _openNoJson(Object? _) =>
    throws<JsonUnsupportedObjectError>(() => Connection.open(NativeLibrary.of(library), {'vault': Object()}, const {}));

/// In an isolate of its own.
Future<void> _signOutAndClose((AuthConfig, Tokens) message) async {
  final (config, tokens) = message;
  final auth = CognitoAuth(config, vault: const VaultChoice.memory(), library: library);
  await auth.storeSession(tokens, SignedInWith.api);
  await auth.signOut();
  auth.close();
}

/// In an isolate of its own.
Future<void> _signOutAndHang((AuthConfig, String, Tokens) message) async {
  final (config, path, tokens) = message;
  final auth = CognitoAuth(config, vault: VaultChoice.custom(FileVault(path)), library: library);
  auth.events.listen((_) {});
  await auth.storeSession(tokens, SignedInWith.api);
  await auth.signOut();
}
