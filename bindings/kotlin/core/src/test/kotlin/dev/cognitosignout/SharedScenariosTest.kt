package dev.cognitosignout

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import java.io.File
import kotlin.time.Duration.Companion.minutes

/** The shared scenarios in `bindings/scenarios.json`. Rust and Swift run the same list. */
class SharedScenariosTest {
    @TestFactory
    fun `every shared scenario`(): List<DynamicTest> {
        val list = Words(Json.parseToJsonElement(File(System.getProperty("bindings"), "scenarios.json").readText()).jsonObject)
        val scenarios = list.list("scenarios")
        assertTrue(scenarios.size >= 40)
        return scenarios.filterNot { "kotlin" in it.texts("not_in").orEmpty() }.map { scenario ->
            DynamicTest.dynamicTest(scenario.text("name")!!) { run(scenario) }
        }
    }

    /** No call should need this minute: every call answers in time by itself. */
    private fun run(scenario: Words) = runTest(timeout = 1.minutes) {
        scenario.number("peers")
        // The test's time is virtual, but these wait for real events.
        withContext(Dispatchers.Default) {
            ScenarioDevice(scenario, this).use { device ->
                scenario.list("actions").forEach { device.carryOut(it) }
                val heard = device.end()
                scenario.texts("events")?.let { assertEquals(it, heard) }
            }
        }
        scenario.allRead()
    }
}
