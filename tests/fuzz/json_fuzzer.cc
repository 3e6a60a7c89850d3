#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "fuzz/require.h"

namespace enrich {
namespace {

// Touches every value in every way; returns how many there are.
size_t Walk(json::Value value) {
  size_t count = 1;
  value.AsText();
  value.AsBool();
  value.AsInt();
  value.AsDouble();
  value[value.key()].AsString();
  for (const json::Value child : value) count += Walk(child);
  return count;
}

}  // namespace
}  // namespace enrich

// What parses is written as text that parses to the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using enrich::json::Document;
  const absl::StatusOr<Document> document = Document::Parse(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!document.ok()) return 0;
  const std::string text = document->root().ToJson();
  const absl::StatusOr<Document> again = Document::Parse(text);
  enrich::Require(again.ok(), "what was written does not parse");
  enrich::Require(again->root().ToJson() == text, "writing is not stable");
  enrich::Require(enrich::Walk(again->root()) == enrich::Walk(document->root()),
                  "values were lost");
  return 0;
}
