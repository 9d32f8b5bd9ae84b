package dev.cognitosignout

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long

/** An object of `bindings/scenarios.json`. Every word in it must be read: an unknown word is an error. */
class Words(private val source: JsonObject) {
    private val unread = source.keys.toMutableSet()

    fun text(name: String): String? = take(name)?.jsonPrimitive?.content

    fun flag(name: String): Boolean = take(name)?.jsonPrimitive?.boolean ?: false

    fun maybe(name: String): Boolean? = take(name)?.jsonPrimitive?.boolean

    fun number(name: String): Int? = take(name)?.jsonPrimitive?.int

    fun millis(name: String): Long? = take(name)?.jsonPrimitive?.long

    fun texts(name: String): List<String>? = (take(name) as JsonArray?)?.map { it.jsonPrimitive.content }

    fun textMap(name: String): Map<String, String> = maybeTextMap(name).orEmpty()

    fun maybeTextMap(name: String): Map<String, String>? =
        take(name)?.jsonObject?.mapValues { it.value.jsonPrimitive.content }

    fun element(name: String): JsonObject? = take(name)?.jsonObject

    fun words(name: String): Words? = element(name)?.let(::Words)

    fun list(name: String): List<Words> = maybeList(name)!!

    fun maybeList(name: String): List<Words>? = take(name)?.jsonArray?.map { Words(it.jsonObject) }

    fun allRead() = check(unread.isEmpty()) { "not understood: $unread in $source" }

    override fun toString(): String = source.toString()

    private fun take(name: String): JsonElement? {
        unread.remove(name)
        return source[name].takeUnless { it is JsonNull }
    }
}
