import 'dart:convert';

import 'package:cognito_signout/cognito_signout.dart';

import 'checks.dart';
import 'expect.dart';
import 'fake_cognito.dart';
import 'ports.dart';
import 'words.dart';

/// An app on a device, with its own user pool. It runs a scenario's actions.
final class TestDevice {
  TestDevice._(Words scenario, this._fake)
      : _config = _configuration(scenario, _fake),
        _transport = scenario.text('transport') ?? 'real',
        _browser = switch (scenario.text('browser')) {
          null => null,
          final does => TestBrowser(does),
        },
        _listener = scenario.text('listener') {
    _appSteps.set(scenario.list('app_steps') ?? const []);
    _restart();
  }

  static Future<TestDevice> start(Words scenario) async {
    final pool = scenario.words('pool');
    final fake = await FakeCognito.start([
      if (pool?.text('client_secret') case final secret?) ...['--client-secret', secret],
      if (pool?.number('rotation') case final grace?) ...['--rotation', '$grace'],
      if (pool?.number('access_token_lifetime') case final seconds?) ...['--access-token-lifetime', '$seconds'],
      if (pool?.flag('no_revocation') ?? false) '--no-revocation',
      if (pool?.flag('session_tracking') ?? false) '--session-tracking',
      if (pool?.number('max_sessions_per_user') case final most?) ...['--max-sessions-per-user', '$most'],
      if (pool?.number('session_page_size') case final size?) ...['--session-page-size', '$size'],
    ]);
    pool?.allRead();
    return TestDevice._(scenario, fake);
  }

  static AuthConfig _configuration(Words scenario, FakeCognito fake) {
    final keep = scenario.words('keep_unpaid');
    final provider = scenario.text('provider_logout');
    final config = AuthConfig(
      fake.userPoolId,
      fake.clientId,
      endpoint: fake.url,
      refreshTokenRotation: scenario.flag('rotation'),
      clientSecret: switch (scenario.text('client_secret')) {
        null => null,
        final secret => Secret(secret),
      },
      unpaidRevocations: switch (keep) {
        null when scenario.flag('hand_over') => const UnpaidRevocations.handOver(),
        null => null,
        final keep => UnpaidRevocations.keep(maxAge: keep.millis('max_age')!, maxDebts: keep.number('max_debts')!),
      },
      hostedUi: scenario.flag('hosted_ui')
          ? const HostedUi(domain: 'auth.example.com', signOutUris: [SignOutUri('myapp://signed-out')])
          : null,
      sessionTracking: scenario.flag('session_tracking') ? true : null,
      revocationRoute: scenario.flag('pool_domain') ? RevocationRoute.poolDomain : null,
      providerLogouts: provider == null ? null : {provider: const ProviderLogout.samlSingleLogout()},
    );
    keep?.allRead();
    return config;
  }

  final FakeCognito _fake;
  final AuthConfig _config;
  final String _transport;
  final TestBrowser? _browser;
  final String? _listener;
  final _storage = TestStorage();
  final _heard = <String>[];
  final _saw = <String>[];
  late final _appSteps = TestAppSteps(_saw);
  final _handles = <CognitoAuth>[];
  late CognitoAuth _auth;
  late Vault _vault;
  Tokens? _tokens;
  CognitoPartialSignOut? _partial;
  List<UserSession> _sessions = const [];
  SignOutOthersPartial? _others;

  /// Another process of the app, with the same storage.
  void _restart() {
    _vault = TestVault(_storage);
    final started = _handle();
    started.events.listen((event) {
      _heard.add(_eventName(event));
      if (event is SignedInEvent && _listener == 'signs_out') started.signOut().ignore();
    });
  }

  /// Replaces the handle with another one of the same process. It has no listener.
  CognitoAuth _handle() {
    final transport = TestTransport(_transport, _saw);
    final auth = _fake.auth(
      config: _config,
      vault: VaultChoice.custom(_vault),
      transport: transport,
      browser: _browser,
      signOutSteps: _appSteps.of(() => transport.auth),
    );
    transport.auth = auth;
    _handles.add(auth);
    return _auth = auth;
  }

  /// An event comes soon after what it tells. One too many comes before the answer to a later call.
  Future<List<String>> heard(int expected) async {
    await eventually(() => _heard.length >= expected, 'an event after $_heard').catchError((Object _) {});
    await _auth.session();
    return _heard;
  }

  Future<void> end() async {
    for (final auth in _handles) {
      auth.close();
    }
    await _fake.stop();
  }

  Future<void> carryOut(Words action) async {
    final user = action.text('user');
    switch (action.text('do')) {
      case 'sign_in':
        final with_ = action.text('with') ?? 'api';
        final tokens = await _fake.signIn(user ?? 'ana', {
          'scope': action.text('scope'),
          'through': action.text('through'),
          'browser': action.flag('browser'),
        });
        await _auth.storeSession(tokens, SignedInWith.values.firstWhere((value) => value.word == with_));
        _tokens = tokens;
      case 'sign_in_elsewhere':
        await _fake.signIn(user ?? 'ana', {'browser': action.flag('browser')});
      case 'server':
        await _fake.order(action.object('order')!);
      case 'vault':
        _storage.failing = action.textMap('fails') ?? const {};
      case 'wait':
        await Future<void>.delayed(action.millis('millis')!);
      case 'sign_out':
        await _signOut(action);
      case 'sign_out_joined':
        final (expect, joined) = (action.words('expect')!, action.words('joined')!);
        final first = _auth.signOut(options: _options(action, 'options'));
        await _isSignedOut();
        await _check(await _auth.signOut(options: _options(action, 'joining')), joined);
        await _check(await first, expect);
      case 'sign_out_cancelled':
        // A future cannot be cancelled. Its caller can only stop waiting.
        _auth.signOut(options: _options(action, 'options')).ignore();
        await _isSignedOut();
      case 'sign_out_during_refresh':
        // Any answer is right, but there must be one.
        final refreshing = told(_auth.refresh);
        await eventually(() async => (await _fake.requests()).isNotEmpty);
        await _check(await _auth.signOut(), action.words('expect')!);
        await refreshing;
      case 'sign_out_among_reads':
        await _signOutAmongReads(action.number('reads')!, action.words('expect')!);
      case 'retry':
        await _check(await _auth.retry(_partial!), action.words('expect')!);
      case 'begin_sign_out':
        same(action.flag('shows'), await _auth.beginSignOut(options: _options(action, 'options')) is SignOutShow);
      case 'begin_retry':
        same(action.flag('shows'), await _auth.beginRetry(_partial!) is SignOutShow);
      case 'finish_sign_out':
        await _finishSignOut(action);
      case 'resume':
        await _resume(action);
      case 'settle_pending':
        _checkSettled(await _auth.settlePending(), action);
      case 'clear_local':
        await _auth.clearLocal();
      case 'purge_local':
        await _auth.purgeLocal();
      case 'restart':
        if (action.list('app_steps') case final steps?) _appSteps.set(steps);
        _restart();
      case 'app_steps_told':
        await _soon(action, action.texts('are'), () => _appSteps.told);
      case 'another_handle':
        _handle();
      case 'tokens':
        same(action.text('expect'), await told(_auth.tokens));
      case 'refresh':
        same(action.text('expect'), await told(_auth.refresh));
      case 'verify':
        same(action.text('is'), _verificationName(await _auth.verify()));
      case 'remote_sign_out':
        final outcome = await _auth.remoteSignOut(_aboutTheSession(action.text('message')!));
        same(action.text('is'), switch (outcome) {
          RemoteSignOutNotRecognized() => 'not_recognized',
          RemoteSignOutOtherSession() => 'other_session',
          RemoteSignOutVerified(:final verification) => 'verified:${_verificationName(verification)}',
        });
      case 'classify':
        same(action.text('is'), (await _auth.classify(action.number('status')!, action.text('body')!)).word);
      case 'classify_www_authenticate':
        same(action.text('is'), (await _auth.classifyWwwAuthenticate(action.text('header')!)).word);
      case 'set_device':
        final key = action.text('key')!;
        await _auth.setDevice('ana', Device(key: key, groupKey: 'group', password: const Secret('password')));
      case 'device':
        same(action.text('key'), (await _auth.device('ana'))?.key);
      case 'session':
        await _soon(action, action.text('is'), () async => stateName(await _auth.session()));
        if (user != null) same(user, (await _auth.session() as SignedInState).session.username);
      case 'requests':
        await _soon(action, action.texts('are'), _fake.requests);
      case 'live_sessions':
        await _soon(action, action.number('are'), () => _fake.liveSessions(user ?? 'ana'));
      case 'browser_session':
        await _soon(action, action.flag('is'), () => _fake.hasBrowserSession(user ?? 'ana'));
      case 'sessions':
        await _listSessions(action);
      case 'end_session':
        final at = action.number('at');
        final id = at == null ? action.text('id')! : _sessions[at].id!;
        final linked = action.flag('linked');
        same(action.text('error'), await refusal(() => _auth.endSession(id, linked: linked)));
      case 'sign_out_others':
        _checkOthers(await _auth.signOutOthers(), action.words('expect')!);
      case 'retry_others':
        _checkOthers(await _auth.retryOthers(_others!), action.words('expect')!);
      case 'pages':
        same(action.number('are'), _browser!.pages);
      case 'called_back':
        same(action.texts('saw'), _saw);
      case final what:
        throw ArgumentError('no action: $what');
    }
    action.allRead();
  }

  Future<void> _isSignedOut() => eventually(() async => await _auth.session() is SignedOutState, 'the commit');

  Future<void> _signOut(Words action) async {
    final (options, expect) = (_options(action, 'options'), action.words('expect')!);
    final (atOnce, within) = (action.number('at_once') ?? 1, action.millis('within'));
    final watch = Stopwatch()..start();
    final results = await Future.wait([for (var i = 0; i < atOnce; i++) _auth.signOut(options: options)]);
    final took = watch.elapsed;
    for (final result in results) {
      await _check(result, expect);
    }
    if (within != null) isTrue(took < within, 'it took $took');
  }

  Future<void> _signOutAmongReads(int reads, Words expect) async {
    Future<String> read() async => stateName(await _auth.session());
    final seen = [for (var i = 0; i < reads ~/ 2; i++) await read()];
    final signingOut = _auth.signOut();
    for (var i = 0; i < reads - reads ~/ 2; i++) {
      seen.add(await read());
    }
    await _check(await signingOut, expect);
    same('signed_in', seen.first);
    isTrue(!seen.contains('unavailable'), seen);
    isTrue(!seen.sublist(seen.indexOf('signed_out')).contains('signed_in'), seen);
  }

  Future<void> _finishSignOut(Words action) async {
    final (callback, failed) = (action.text('redirected'), action.text('failed'));
    final (ignored, expect) = (action.flag('ignored'), action.words('expect'));
    final answer = callback != null
        ? BrowserAnswer.redirected(callback)
        : BrowserAnswer.failed(BrowserException(
            BrowserExceptionKind.values.firstWhere((kind) => kind.word == failed), 'for the test'));
    switch (await _auth.finishSignOut(answer)) {
      case SignOutFinished(:final result):
        await _check(result, expect!);
      case final progress:
        isTrue(ignored && progress is SignOutIgnored, progress);
    }
  }

  Future<void> _resume(Words action) async {
    var resumed = await _auth.resume();
    // `resume` skips a debt that another call is paying.
    if (action.flag('eventually')) {
      await eventually(() async {
        if (resumed.settled.isEmpty) resumed = await _auth.resume();
        return resumed.settled.isNotEmpty;
      });
    }
    same(action.flag('web_step'), resumed.webStep != null);
    _checkSettled(resumed.settled, action);
  }

  void _checkSettled(List<CognitoSignOutResult> settled, Words action) {
    same(action.texts('settled'), [for (final result in settled) resultName(result)]);
    if (action.texts('app_reasons') case final reasons?) {
      same(reasons, [for (final result in settled) result.report.appReason?.word ?? 'none']);
    }
  }

  Future<void> _listSessions(Words action) async {
    final (expected, error) = (action.texts('are'), action.text('error'));
    same(error, await refusal(() async => _sessions = await _auth.sessions()));
    if (error != null) return;
    same(expected, [for (final session in _sessions) session.isCurrent ? '${session.kind}:current' : '${session.kind}']);
    for (final session in _sessions) {
      isTrue(session.id != null && !'$session'.contains(session.ipAddress!.reveal()), session);
    }
  }

  void _checkOthers(SignOutOthersResult result, Words expect) {
    final (name, ended) = switch (result) {
      SignOutOthersComplete(:final sessions) => ('complete', sessions),
      SignOutOthersPartial(:final sessions) => ('partial', sessions),
      SignOutOthersFailed() => ('failed', const <EndedSession>[]),
    };
    if (result is SignOutOthersPartial) _others = result;
    same(expect.text('result'), name);
    same(expect.text('error'), result is SignOutOthersFailed ? result.exception.code : null);
    same(expect.number('ended') ?? 0, ended.where((session) => session.exception == null).length);
    same(expect.texts('left') ?? const <String>[], [
      for (final session in ended)
        if (session.exception case final exception?) exception.code,
    ]);
    expect.allRead();
  }

  Future<void> _check(CognitoSignOutResult result, Words expect) async {
    if (result is CognitoPartialSignOut) _partial = result;
    checkResult(result, expect, _tokens, await _fake.issuedTokens());
  }

  static SignOutOptions _options(Words action, String name) {
    final options = action.words(name);
    if (options == null) return const SignOutOptions();
    final web = options.text('web');
    final reason = options.text('reason');
    final read = SignOutOptions(
      globalSignOut: options.flag('global'),
      web: web == null ? null : WebPolicy.values.firstWhere((policy) => policy.word == web),
      deadline: options.millis('deadline'),
      browserDeadline: options.millis('browser_deadline'),
      reason: reason == null ? null : AppReason(reason),
    );
    options.allRead();
    return read;
  }

  static Future<void> _soon(Words action, Object? expected, dynamic Function() actual) async {
    if (action.flag('eventually')) {
      await eventually(() async => jsonEncode(await actual()) == jsonEncode(expected)).catchError((Object _) {});
    }
    same(expected, await actual());
  }

  /// The message with the claims of the last stored session.
  String _aboutTheSession(String message) {
    final payload = base64Url.normalize(_tokens!.accessToken.reveal().split('.')[1]);
    final claims = jsonDecode(utf8.decode(base64Url.decode(payload))) as Map<String, dynamic>;
    return message
        .replaceAll('SUB', claims['sub'] as String)
        .replaceAll('ORIGIN_JTI', claims['origin_jti'] as String);
  }
}

String _eventName(AuthEvent event) => switch (event) {
      SignedInEvent() => 'signed_in',
      SignedOutEvent(:final reason, appReason: null) => 'signed_out:${reason.word}',
      SignedOutEvent(:final reason, :final appReason?) => 'signed_out:${reason.word}:${appReason.word}',
      SessionExpiredEvent(:final reason) => 'session_expired:${reason.word}',
      RevocationSettledEvent() => 'revocation_settled',
    };

String _verificationName(Verification verification) {
  switch (verification) {
    case SessionAlive():
      return 'alive';
    case SessionEnded(:final reason):
      return 'ended:${reason.word}';
    case SessionUnknown(:final exception):
      saysSomething(exception);
      return 'unknown:${exception.code}';
  }
}
