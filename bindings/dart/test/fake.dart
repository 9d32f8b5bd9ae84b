import 'dart:async';

import 'package:cognito_signout/cognito_signout.dart';
import 'package:cognito_signout/testing.dart';

import '../example/screen_test.dart';
import 'support/checks.dart';
import 'support/expect.dart';
import 'support/fake_cognito.dart';
import 'support/ports.dart';

/// The fake for the tests of apps.
void addFakeTests(Tests test) {
  test('the fake tells a screen what the library tells it', () async {
    final server = await FakeCognito.start();
    final tokens = [await server.signIn(), await server.signIn()];
    final real = await _whatAScreenSees(server.auth(), tokens);
    final faked = await _whatAScreenSees(FakeCognitoAuth().auth, tokens);
    await server.stop();
    for (var at = 0; at < real.length; at++) {
      same(real[at], faked[at], 'step $at');
    }
    same(real.length, faked.length);
  });

  test("the example's test of a screen passes", withoutANetworkTheUserIsSignedOutOfThisDevice);

  test('the fake gives the results that it is told, one after the other', () async {
    final fake = FakeCognitoAuth()..signIn();
    fake
      ..answerSignOut(FakeResult.failed(ErrorCode.hostedUiCancelled))
      ..answerSignOut(FakeResult.partial(
        revokeToken: ErrorCode.networkUnavailable,
        globalSignOut: ErrorCode.throttled,
        hostedUi: ErrorCode.hostedUiTimedOut,
        localCleanup: ErrorCode.vaultLocked,
        appSteps: {'push_token': ErrorCode.appStepFailed},
        kept: false,
        displaced: [FakeResult.partial(revokeToken: ErrorCode.displaced)],
      ));
    final failed = await fake.auth.signOut() as CognitoFailedSignOut;
    same(ErrorCode.hostedUiCancelled, failed.exception.code);
    isTrue(await fake.auth.session() is SignedInState, 'a failed sign-out changes nothing');
    const options = SignOutOptions(globalSignOut: true, reason: AppReason.timeout);
    final partial = await fake.auth.signOut(options: options) as CognitoPartialSignOut;
    same(
      ['network_unavailable', 'throttled', 'hosted_ui_timed_out', 'vault_locked', 'push_token', 'app_step_failed'],
      [
        partial.revokeTokenException!.code,
        partial.globalSignOutException!.code,
        partial.hostedUiException!.code,
        partial.localCleanupException!.code,
        partial.appStepExceptions.single.name,
        partial.appStepExceptions.single.code,
      ],
    );
    same(['refresh token', 'access token'],
        [partial.revokeTokenException!.refreshToken.reveal(), partial.globalSignOutException!.accessToken.reveal()]);
    same([false, 'displaced', 'timeout', 'failed:throttled', 'failed:app_step_failed', 'login'], [
      partial.kept,
      partial.displaced.single.revokeTokenException!.code,
      '${partial.report.appReason}',
      '${partial.report.steps.globalSignOut}',
      '${partial.report.steps.app['push_token']}',
      partial.report.nextSignIn!.word,
    ]);
    isTrue(await fake.auth.session() is SignedOutState, 'signed out of this device');
    isTrue(await fake.auth.retry(partial) is CognitoCompleteSignOut, 'the retry');
    same(['sign_out', 'session', 'sign_out', 'session', 'retry'], [for (final call in fake.calls) call.method]);
    same([true, 'timeout'], [fake.calls[2].args['global'], fake.calls[2].args['reason']]);
    await throws<ArgumentError>(FakeResult.partial);
  });

  test('a sign-out of the fake waits for its result', () async {
    final fake = FakeCognitoAuth()..signIn();
    final result = Completer<FakeResult>();
    fake.answerSignOut(result.future);
    var isDone = false;
    final signOut = fake.auth.signOut().whenComplete(() => isDone = true);
    await Future<void>.delayed(Duration.zero);
    isTrue(!isDone && await fake.auth.session() is SignedInState, 'it waits');
    result.complete(FakeResult.complete());
    isTrue(await signOut is CognitoCompleteSignOut, 'complete');
  });

  test('a call of the fake fails when it is told so, each in its way', () async {
    final fake = FakeCognitoAuth()..signIn();
    Future<String> code(Future<String> Function(CognitoAuth auth) call) {
      fake.failNext(ErrorCode.networkUnavailable);
      return call(fake.auth);
    }

    final codes = [
      await code((auth) async => (await throws<AuthServiceException>(auth.tokens)).code),
      await code((auth) async => (await throws<AuthServiceException>(auth.resume)).code),
      await code((auth) async => (await throws<AuthServiceException>(auth.sessions)).code),
      await code((auth) async => (await auth.signOut() as CognitoFailedSignOut).exception.code),
      await code((auth) async => (await auth.signOutOthers() as SignOutOthersFailed).exception.code),
      await code((auth) async => (await auth.verify() as SessionUnknown).exception.code),
      await code((auth) async => (await auth.session() as UnavailableState).exception.code),
    ];
    same(List.filled(codes.length, ErrorCode.networkUnavailable), codes);
    fake.failNext(ErrorCode.vaultLocked, isOfTheKeychain: true);
    same(ErrorCode.vaultLocked, (await throws<AuthVaultException>(fake.auth.tokens)).code);
    await fake.auth.tokens();
  });

  test('a session of the fake that expires, or that cannot be read, says so', () async {
    final fake = FakeCognitoAuth()..signIn();
    final events = fake.auth.events.toList();
    isTrue(await fake.auth.verify() is SessionAlive, 'alive');
    fake.expire(EndReason.revoked);
    same(EndReason.revoked.word, (await fake.auth.verify() as SessionEnded).reason.word);
    isTrue((await fake.auth.session() as SignedInState).session.expired, 'expired');
    await throws<SessionExpiredException>(fake.auth.tokens);
    fake.makeUnavailable();
    same(ErrorCode.vaultLocked, (await fake.auth.session() as UnavailableState).exception.code);
    await throws<AuthVaultException>(fake.auth.tokens);
    fake.settled.add(FakeResult.complete());
    same([1, 0], [(await fake.auth.resume()).settled.length, (await fake.auth.settlePending()).length]);
    fake.auth.close();
    same(['SessionExpiredEvent(reason: EndReason.revoked)'], [for (final event in await events) '$event']);
    await throws<StateError>(fake.auth.session);
  });

  test("the fake lists the user's sessions and ends them", () async {
    final fake = FakeCognitoAuth()
      ..signIn()
      ..addSession('here', isCurrent: true)
      ..addSession('phone', device: 'Android')
      ..addSession('browser', kind: SessionKind.sso, endFails: ErrorCode.throttled)
      ..addSession('tablet');
    same(['here', 'phone', 'browser', 'tablet'], [for (final session in await fake.auth.sessions()) session.id]);
    await fake.auth.endSession('phone');
    same(ErrorCode.sessionNotFound, (await throws<AuthServiceException>(() => fake.auth.endSession('phone'))).code);
    same(ErrorCode.ownSession, (await throws<AuthServiceException>(() => fake.auth.endSession('here'))).code);
    same(ErrorCode.throttled, (await throws<AuthServiceException>(() => fake.auth.endSession('browser'))).code);
    final partial = await fake.auth.signOutOthers() as SignOutOthersPartial;
    same({'browser': 'throttled', 'tablet': null}, {
      for (final ended in partial.sessions) ended.session.id!: ended.exception?.code,
    });
    final again = await fake.auth.retryOthers(partial) as SignOutOthersPartial;
    same(['browser'], [for (final ended in again.sessions) ended.session.id]);
    same(2, (await fake.auth.sessions()).length);
  });
}

/// What is shown to a user who signs in, looks, signs in again, signs out everywhere, looks again, and signs out again.
Future<List<Object?>> _whatAScreenSees(CognitoAuth auth, List<Tokens> tokens) async {
  final seen = <Object?>[];
  final (events, states) = (auth.events.map((event) => '$event').toList(), auth.sessionStates.map(stateName).toList());
  Future<void> look() async {
    final state = await auth.session();
    seen.add([
      stateName(state),
      if (state case SignedInState(:final session)) ...[session.username, session.signedInWith.word, session.expired],
      await told(auth.tokens),
      await refusal(auth.tokens),
      switch (await auth.verify()) {
        SessionAlive() => 'alive',
        SessionEnded(:final reason) => reason.word,
        SessionUnknown(:final exception) => exception.code,
      },
    ]);
  }

  Future<void> signOut(SignOutOptions options) async {
    final result = await auth.signOut(options: options);
    final report = result.report;
    seen.add([
      resultName(result),
      '${report.steps}',
      [for (final residual in report.residual) residual.token.word],
      report.signedOutEverywhere,
      report.browserSessions,
      '${report.appReason}',
      report.nextSignIn,
    ]);
  }

  await look();
  await auth.storeSession(tokens.first, SignedInWith.hostedUiPrivate);
  final ended = auth.sessionEnded().then((_) => 'ended');
  await look();
  await auth.storeSession(tokens.last, SignedInWith.api);
  seen.add(await ended);
  final endedToo = auth.sessionEnded().then((_) => 'ended');
  await signOut(const SignOutOptions(globalSignOut: true, reason: AppReason.user));
  seen.add(await endedToo);
  await look();
  await signOut(const SignOutOptions());
  await signOut(const SignOutOptions(globalSignOut: true));
  seen.add(await refusal(auth.sessionEnded));
  auth.close();
  return seen
    ..add(await events)
    ..add(await states);
}
