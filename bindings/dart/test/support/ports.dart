import 'dart:async';

import 'package:cognito_signout/cognito_signout.dart';

import 'words.dart';

/// The device's storage, which outlives a process. It answers later, as flutter_secure_storage does.
final class TestStorage {
  final _records = <VaultKey, String>{};

  /// How the uses of the vault fail: `read`, `write` and `delete`.
  Map<String, String> failing = const {};

  Future<T> use<T>(String what, T Function(Map<VaultKey, String> records) use) async {
    await Future<void>.delayed(Duration.zero);
    return switch (failing[what]) {
      null => use(_records),
      'locked' => throw const VaultException(VaultExceptionKind.locked, 'for the test'),
      'other' => throw const VaultException(VaultExceptionKind.other, 'for the test'),
      'throws' => throw StateError('SECRET'),
      final failure => throw ArgumentError('no failure: $failure'),
    };
  }
}

/// The vault of one process of the app.
class TestVault extends Vault {
  TestVault(this._storage);

  final TestStorage _storage;

  @override
  Future<String?> read(VaultKey key) => _storage.use('read', (records) => records[key]);

  @override
  Future<void> write(VaultKey key, String record) => _storage.use('write', (records) => records[key] = record);

  @override
  Future<void> delete(VaultKey key) => _storage.use('delete', (records) => records.remove(key));
}

/// Does what the scenario says.
final class TestTransport implements HttpTransport {
  TestTransport(this._does, this._saw);

  final String _does;
  final List<String> _saw;
  final _real = DartIoTransport();
  late final CognitoAuth auth;

  @override
  Future<HttpResponse> send(HttpRequest request) async {
    switch (_does) {
      case 'real':
        break;
      case 'throws':
        throw StateError('SECRET');
      case 'never_completes':
        await Completer<void>().future;
      case 'calls_back':
        _saw.add(stateName(await auth.session()));
      default:
        throw ArgumentError('no transport: $_does');
    }
    return _real.send(request);
  }
}

/// Does what the scenario says.
final class TestBrowser implements Browser {
  TestBrowser(this._does);

  final String _does;
  int pages = 0;

  @override
  Future<void> show(BrowserVisit visit) async {
    pages++;
    final redirect = visit.page.redirect;
    switch (_does) {
      case 'comes_back':
        await visit.redirected(redirect);
      case 'comes_back_twice':
        await visit.redirected(redirect);
        await visit.redirected(redirect);
        throw const BrowserException(BrowserExceptionKind.cancelled, 'for the test');
      case 'comes_back_with_error':
        await visit.redirected('$redirect?error=server_error');
      case 'cancelled':
        throw const BrowserException(BrowserExceptionKind.cancelled, 'for the test');
      case 'unavailable':
        throw const BrowserException(BrowserExceptionKind.unavailable, 'for the test');
      case 'throws':
        throw StateError('SECRET');
      case 'never_comes_back':
        await visit.closed;
      default:
        throw ArgumentError('no browser: $_does');
    }
  }
}

/// The app's own steps of a scenario.
final class TestAppSteps {
  TestAppSteps(this._saw);

  final List<String> _saw;

  /// What they were told, in order.
  final told = <String>[];
  List<({String name, String does, Phase phase, Duration? limit})> _steps = const [];

  /// From now on the app has the steps that [words] describe.
  void set(List<Words> words) => _steps = [
        for (final step in words)
          (
            name: step.text('name')!,
            does: step.text('does') ?? 'well',
            phase: Phase.values.firstWhere((phase) => phase.word == (step.text('phase') ?? 'while_token_lives')),
            limit: step.millis('time_limit'),
          ),
      ];

  /// The steps of a process, whose handle is [auth].
  List<AppStep> of(CognitoAuth Function() auth) => [
        for (final step in _steps)
          AppStep(step.name, step.phase, timeLimit: step.limit, (session) async {
            told.add(_told(step.name, session));
            switch (step.does) {
              case 'well':
                break;
              case 'fails':
                throw const AppStepException('for the test');
              case 'leaks':
                throw AppStepException('sent ${session.accessToken!.reveal()}');
              case 'throws':
                throw StateError('SECRET');
              case 'hangs':
                await Completer<void>().future;
              case 'calls_back':
                _saw.add(stateName(await auth().session()));
              case 'signs_out':
                await auth().signOut();
              default:
                told.add('no step: ${step.does}');
            }
          }),
      ];

  /// As `push_token lives again`.
  static String _told(String name, LeavingSession session) => [
        name,
        session.tokenState.word,
        if (session.accessToken != null && session.idToken != null) 'with_tokens',
        if (session.again) 'again',
        if (session.signedInSince) 'signed_in_since',
      ].join(' ');
}

String stateName(SessionState state) => switch (state) {
      SignedInState() => 'signed_in',
      SignedOutState() => 'signed_out',
      UnavailableState() => 'unavailable',
    };
