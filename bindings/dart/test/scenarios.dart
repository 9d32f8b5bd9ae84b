import 'dart:convert';
import 'dart:io';

import 'support/checks.dart';
import 'support/device.dart';
import 'support/words.dart';

/// The list that Rust, Swift, Kotlin and C run too.
Map<String, dynamic> sharedList() =>
    jsonDecode(File(Platform.environment['SHARED_SCENARIOS']!).readAsStringSync()) as Map<String, dynamic>;

/// The scenarios of [list], each a test.
Tests scenarios(Map<String, dynamic> list) {
  final tests = Tests();
  for (final source in list['scenarios'] as List) {
    final scenario = Words(source as Map<String, dynamic>);
    if (scenario.texts('not_in')?.contains('dart') ?? false) continue;
    tests(scenario.text('name')!, () => _run(scenario));
  }
  return tests;
}

Future<void> _run(Words scenario) async {
  scenario.number('peers');
  final device = await TestDevice.start(scenario);
  try {
    for (final action in scenario.list('actions')!) {
      await device.carryOut(action).timeout(const Duration(minutes: 1));
    }
    if (scenario.texts('events') case final events?) same(events, await device.heard(events.length), 'events');
    scenario.allRead();
  } finally {
    await device.end();
  }
}
