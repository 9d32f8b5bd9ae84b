import 'dart:async';
import 'dart:io';
import 'dart:isolate';
import 'dart:math';

import 'package:cognito_signout/cognito_signout.dart';
import 'package:cognito_signout/src/native/connection.dart';
import 'package:cognito_signout/src/native/library.dart';

import 'support/checks.dart';
import 'support/fake_cognito.dart';

/// Answers without a server: the test is about what crosses to the native library. Every tenth answer is a refusal.
final class _Transport implements HttpTransport {
  int asked = 0;

  @override
  Future<HttpResponse> send(HttpRequest request) async => ++asked % 10 == 0
      ? const HttpResponse(400, headers: _cognito, body: '{"__type":"InvalidParameterException","message":"no"}')
      : const HttpResponse(200, headers: _cognito, body: '{}');

  static const _cognito = [HttpHeader('x-amzn-requestid', '1')];
}

final _watcher = Connection.open(NativeLibrary.of(library), {
  'user_pool_id': 'eu-central-1_AbCdEf123',
  'client_id': 'watcher',
  'vault': {'kind': 'memory'},
}, const {});

/// How many objects of the native library are alive.
Future<int> liveObjects() async => await _watcher.call('live_objects') as int;

/// Makes garbage, until the collector has found what nobody refers to: then [so] is true.
Future<void> collectedUntil(Future<bool> Function() so, Object what) => eventually(() async {
      for (var i = 0; i < 50; i++) {
        List.filled(100000, i);
      }
      await Future<void>.delayed(Duration.zero);
      return so();
    }, what);

/// Nothing is left of handles and results, closed or forgotten.
Future<void> main() async {
  final fake = await FakeCognito.start();
  final tokens = await fake.signIn();
  await _watcher.call('session');
  final before = await liveObjects();
  final test = Tests();

  test('sign-outs leave no object alive and no memory in use', () async {
    final transport = _Transport();
    var (heard, ran) = (0, 0);
    final auth = fake.auth(
      config: fake.config(unpaid: const UnpaidRevocations.handOver()),
      transport: transport,
      signOutSteps: [AppStep('counts', Phase.whileTokenLives, (session) async => ran += session.accessToken == null ? 0 : 1)],
    );
    final events = auth.events.listen((_) => heard++);
    final resident = <int>[];
    for (var round = 0; round < 6; round++) {
      for (var i = 0; i < 200; i++) {
        await auth.storeSession(tokens, SignedInWith.api);
        isTrue((await auth.signOut()).signedOutLocally, 'still signed in');
      }
      resident.add(ProcessInfo.currentRss);
    }
    same([1200, 1200, 2400], [transport.asked, ran, heard]);
    print('resident after each 200 sign-outs, in kB: ${[for (final bytes in resident) bytes ~/ 1024]}');
    await events.cancel();
    auth.close();
    await collectedUntil(() async => await liveObjects() <= before, 'the end of the last object');
    // Four runs without a leak had up to 773 bytes each. So this cannot see a leak of one token, which has about a thousand: it sees one
    // of a whole session or a whole message. Objects are counted above.
    final each = (resident.last - resident[1]) ~/ 800;
    isTrue(each < 2000, '$each bytes each');
  });

  test('partial results that nobody refers to are released while their handle is in use', () async {
    final auth = fake.auth(config: fake.config(unpaid: const UnpaidRevocations.handOver()), transport: _AlwaysRefuses());
    Future<void> partial() async {
      await auth.storeSession(tokens, SignedInWith.api);
      isTrue(await auth.signOut() is CognitoPartialSignOut, 'not partial');
    }

    await partial();
    final one = await liveObjects();
    for (var i = 0; i < 50; i++) {
      await partial();
    }
    isTrue(await liveObjects() > one, 'what a retry needs, for one');
    await collectedUntil(() async => await liveObjects() <= one, 'their release');
    auth.close();
    await collectedUntil(() async => await liveObjects() <= before, 'the end of the last object');
  });

  test('lists of other sessions that are left, and that nobody refers to, are released while their handle is in use', () async {
    final tracking = await FakeCognito.start(['--session-tracking']);
    final auth = tracking.auth(config: tracking.config(sessionTracking: true));
    await auth.storeSession(await tracking.signIn(), SignedInWith.api);
    await tracking.signIn();
    final none = await liveObjects();
    for (var i = 0; i < 20; i++) {
      await tracking.order({'do': 'fault', 'operation': 'RevokeUserSession', 'fault': 'Refuse(InvalidParameter)', 'times': 1});
      isTrue(await auth.signOutOthers() is SignOutOthersPartial, 'not partial');
    }
    isTrue(await liveObjects() > none, 'what a retry needs');
    await collectedUntil(() async => await liveObjects() <= none, 'their release');
    auth.close();
    await collectedUntil(() async => await liveObjects() <= before, 'the end of the last object');
    await tracking.stop();
  });

  test('an isolate that is killed leaves no handle', () async {
    final (ready, exits) = (ReceivePort(), ReceivePort());
    final isolate = await Isolate.spawn(_listensForEver, ready.sendPort, onExit: exits.sendPort);
    await ready.first;
    isTrue(await liveObjects() > before, 'no handle');
    isolate.kill(priority: Isolate.immediate);
    await exits.first;
    await eventually(() async => await liveObjects() <= before, 'the end of its handle');
  });

  // In a function of its own: a suspended one refers to its variables.
  Future<void> use(bool close) async {
    final auth = fake.auth();
    await auth.session();
    if (close) auth.close();
  }

  // What the port's handler is bound to is in memory as long as the port is open.
  Future<WeakReference<Object>> useInZone(bool close) async {
    final ofTheZone = Object();
    await runZoned(() => use(close), zoneValues: {#only: ofTheZone});
    return WeakReference(ofTheZone);
  }

  for (final (how, close) in [('closed', true), ('forgotten', false)]) {
    test('the port of a handle that is $how is closed', () async {
      final ofTheZone = await useInZone(close);
      await collectedUntil(() async => ofTheZone.target == null, 'the end of the zone');
    });

    test('a thousand handles that are $how leave nothing', () async {
      final resident = <int>[];
      for (var round = 0; round < 6; round++) {
        for (var i = 0; i < 250; i++) {
          await use(close);
        }
        await collectedUntil(() async => await liveObjects() <= before, 'the end of the last handle');
        resident.add(ProcessInfo.currentRss);
      }
      print('resident after each 250 handles that are $how, in kB: ${[for (final bytes in resident) bytes ~/ 1024]}');
      // Dart's own memory goes up and down by megabytes. A leak lifts even the least of the later rounds above the most of the earlier ones.
      final each = (resident.skip(3).reduce(min) - resident.take(3).reduce(max)) ~/ 250;
      isTrue(each < 8000, '$each bytes each');
    });
  }

  final failed = await test.run();
  print('${test.ran - failed.length} passed, ${failed.length} failed');
  await fake.stop();
  exit(failed.isEmpty ? 0 : 1);
}

/// In an isolate of its own. Its handle is waited for, so that no collector frees it.
Future<void> _listensForEver(SendPort ready) async {
  final auth = CognitoAuth(const AuthConfig('eu-central-1_AbCdEf123', 'listens'),
      vault: const VaultChoice.memory(), library: library);
  auth.events.listen((_) {});
  await auth.session();
  ready.send(null);
}

final class _AlwaysRefuses implements HttpTransport {
  @override
  Future<HttpResponse> send(HttpRequest request) async => const HttpResponse(400,
      headers: _Transport._cognito, body: '{"__type":"InvalidParameterException","message":"no"}');
}
