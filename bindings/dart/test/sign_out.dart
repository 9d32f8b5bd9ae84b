import 'dart:async';

import 'package:cognito_signout/cognito_signout.dart';

import '../example/amplify_sign_out.dart';
import 'support/checks.dart';
import 'support/fake_cognito.dart';
import 'support/ports.dart';

/// What [run] prints.
Future<List<String>> printed(Future<void> Function() run) async {
  final lines = <String>[];
  final zone = Zone.current.fork(specification: ZoneSpecification(print: (_, __, ___, line) => lines.add(line)));
  await zone.run(run);
  return lines;
}

/// What only Dart can show, besides the shared scenarios.
void addSignOutTests(Tests test) {
  test("Amplify Flutter's two examples compile with other names, and print what they should", () async {
    final fake = await FakeCognito.start();
    final auth = fake.auth();
    Future<void> signIn() async => auth.storeSession(await fake.signIn(), SignedInWith.api);
    await signIn();
    same(['Sign out completed successfully'], await printed(() => signOutCurrentUser(auth)));
    await signIn();
    same(['Sign out completed successfully'], await printed(() => signOutGlobally(auth)));
    same(0, await fake.liveSessions());
    await signIn();
    await fake.order({'do': 'fault', 'operation': 'GlobalSignOut', 'fault': 'Refuse(Forbidden)'});
    final [line] = await printed(() => signOutGlobally(auth));
    isTrue(line.startsWith('Error signing user out: '), line);
    auth.close();
    await fake.stop();
  });

  test('a step runs in the zone that has made the handle', () async {
    final fake = await FakeCognito.start();
    final lines = await printed(() async {
      final auth = fake.auth(signOutSteps: [AppStep('says', Phase.afterSignOut, (_) async => print('here'))]);
      await auth.storeSession(await fake.signIn(), SignedInWith.api);
      await auth.signOut();
      auth.close();
    });
    same(['here'], lines);
    await fake.stop();
  });

  test('two hundred calls at once are each answered', () async {
    final fake = await FakeCognito.start();
    final auth = fake.auth(vault: VaultChoice.custom(TestVault(TestStorage())));
    await auth.storeSession(await fake.signIn(), SignedInWith.api);
    final calls = [for (var i = 0; i < 100; i++) ...[auth.session(), auth.signOut()]];
    same(200, (await Future.wait<Object>(calls)).length);
    same(['RevokeToken'], await fake.requests());
    auth.close();
    await fake.stop();
  });

  test('what happens right after listening is heard, and the present state comes first', () async {
    final fake = await FakeCognito.start();
    final tokens = await fake.signIn();
    for (var i = 0; i < 50; i++) {
      final auth = fake.auth();
      final first = auth.events.first;
      final states = auth.sessionStates.take(2).toList();
      final stored = auth.storeSession(tokens, SignedInWith.api);
      isTrue(await first is SignedInEvent, 'the event was missed');
      same(['signed_out', 'signed_in'], [for (final state in await states) stateName(state)]);
      await stored;
      auth.close();
    }
    await fake.stop();
  });

  test('the session is told to have ended when it ends', () async {
    final fake = await FakeCognito.start();
    final auth = fake.auth();
    await throws<SignedOutException>(auth.sessionEnded);
    await auth.storeSession(await fake.signIn(), SignedInWith.api);
    var hasEnded = false;
    final ended = auth.sessionEnded().then((_) => hasEnded = true);
    await auth.session();
    isTrue(!hasEnded, 'it had ended before');
    await auth.signOut();
    await ended;
    auth.close();
    await fake.stop();
  });
}
