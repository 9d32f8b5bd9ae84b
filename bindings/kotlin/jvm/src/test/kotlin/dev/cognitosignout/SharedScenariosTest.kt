package dev.cognitosignout

import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import java.io.File

/** What every binding must do, as data in `bindings/scenarios.json`. Rust and Swift run the same list. */
class SharedScenariosTest {
    @TestFactory
    fun `every shared scenario`(): List<DynamicTest> {
        val list = Words(Json.parseToJsonElement(File(System.getProperty("bindings"), "scenarios.json").readText()).jsonObject)
        val scenarios = list.list("scenarios")
        assertTrue(scenarios.size >= 40)
        return scenarios.map { scenario ->
            DynamicTest.dynamicTest(scenario.text("name")!!) { run(scenario) }
        }
    }

    private fun run(scenario: Words) = runBlocking {
        scenario.number("peers")
        ScenarioDevice(scenario, this).use { device ->
            for (action in scenario.list("actions")) {
                // A minute is for ever: every call is to answer by itself.
                withTimeout(60_000) { device.carryOut(action) }
            }
            val heard = device.end()
            scenario.texts("events")?.let { assertEquals(it, heard) }
        }
        scenario.allRead()
    }
}
