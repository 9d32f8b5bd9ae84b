import 'dart:io';

import 'fake.dart';
import 'lifetime.dart';
import 'newer_library.dart';
import 'ports.dart';
import 'scenarios.dart';
import 'sign_out.dart';
import 'support/checks.dart';
import 'values.dart';

/// Everything but the leaks, or the tests with [arguments] in their names. `cargo xtask dart --test` runs it.
Future<void> main(List<String> arguments) async {
  final shared = scenarios(sharedList());
  isTrue(shared.length > 130, 'a shorter list');
  final tests = Tests();
  addSignOutTests(tests);
  addLifetimeTests(tests);
  addPortTests(tests);
  addValueTests(tests);
  addFakeTests(tests);
  addNewerLibraryTests(tests);
  tests('a list that expects something else fails', _falsified);
  final failed = {
    // Some deadlines are short, and this is one isolate, whose code is compiled when it runs for the first time: these run alone before
    // the others, and once more among them.
    if (arguments.isEmpty) ...await scenarios(sharedList()).run(only: ['a sign-out']),
    ...await shared.run(only: arguments, atOnce: 4),
    ...await tests.run(only: arguments),
  };
  print('${shared.ran + tests.ran - failed.length} passed, ${failed.length} failed');
  // A test that failed may have left a handle open, which would keep this isolate alive.
  exit(failed.isEmpty ? 0 : 1);
}

/// Else the runner would not look.
Future<void> _falsified() async {
  bool wants(dynamic action) => action['do'] == 'sign_out' && action['expect'] is Map && action['expect']['result'] == 'complete';
  final some = (sharedList()['scenarios'] as List).where((scenario) => (scenario['actions'] as List).any(wants)).take(10).toList();
  for (final scenario in some) {
    (scenario['actions'] as List).firstWhere(wants)['expect']['result'] = 'partial';
  }
  final tests = scenarios({'scenarios': some});
  same(10, tests.length);
  same(10, (await tests.run(quietly: true)).length);
}
