#include "adapters/rest/json_difference.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/json.h"

namespace enrich::rest {
namespace {

// Who has seen so many looks at the whole.
constexpr size_t kMaxLines = 20;

class Differ {
 public:
  explicit Differ(JsonMatch match) : match_(match) {}

  void Compare(const std::string& path, const json::Value& expected,
               const json::Value& actual) {
    if (lines_.size() >= kMaxLines) return;
    if (expected.is_object() && actual.is_object()) {
      CompareObjects(path, expected, actual);
    } else if (expected.is_array() && actual.is_array()) {
      CompareArrays(path, expected, actual);
    } else if (!Alike(expected, actual)) {
      Add(path, absl::StrCat("expected ", expected.ToJson(), ", got ",
                             actual.ToJson()));
    }
  }

  std::vector<std::string> Take() { return std::move(lines_); }

 private:
  void Add(const std::string& path, absl::string_view text) {
    lines_.push_back(
        absl::StrCat(path.empty() ? "the whole" : path, ": ", text));
  }

  bool Alike(const json::Value& a, const json::Value& b) const {
    if (a.type() == b.type()) {
      return a.is_number() ? SameNumber(a, b)
                           : a.ToJson() == b.ToJson() || SameDuration(a, b);
    }
    const auto has_text = [](const json::Value& value) {
      return value.is_string() || value.is_number();
    };
    return match_ == JsonMatch::kLoose && has_text(a) && has_text(b) &&
           a.AsText() == b.AsText();
  }

  // `90s` and `1m30s`.
  bool SameDuration(const json::Value& a, const json::Value& b) const {
    absl::Duration first;
    absl::Duration second;
    return match_ == JsonMatch::kLoose && a.is_string() && b.is_string() &&
           absl::ParseDuration(std::string(a.AsString()), &first) &&
           absl::ParseDuration(std::string(b.AsString()), &second) &&
           first == second;
  }

  // Long numbers are ids: they are compared digit by digit.
  static bool SameNumber(const json::Value& a, const json::Value& b) {
    return a.AsText() == b.AsText() ||
           (!(a.AsInt().has_value() && b.AsInt().has_value()) &&
            a.AsDouble() == b.AsDouble());
  }

  bool Missable(const json::Value& value) const {
    if (match_ == JsonMatch::kExact) return false;
    return value.null() || value.ToJson() == "false" ||
           value.AsDouble() == 0.0 ||
           (value.is_string() && value.AsString().empty()) ||
           ((value.is_array() || value.is_object()) && value.size() == 0);
  }

  void CompareObjects(const std::string& path, const json::Value& expected,
                      const json::Value& actual) {
    const std::string prefix = absl::StrCat(path, path.empty() ? "" : ".");
    std::map<absl::string_view, json::Value> rest;
    for (const json::Value& member : actual) rest.emplace(member.key(), member);
    for (const json::Value& member : expected) {
      const std::string name = absl::StrCat(prefix, member.key());
      const auto found = rest.find(member.key());
      if (found != rest.end()) {
        Compare(name, member, found->second);
        rest.erase(found);
      } else if (!Missable(member)) {
        Add(name, absl::StrCat("expected ", member.ToJson(), ", got nothing"));
      }
    }
    for (const auto& [key, value] : rest) {
      Add(absl::StrCat(prefix, key),
          absl::StrCat("expected nothing, got ", value.ToJson()));
    }
  }

  void CompareArrays(const std::string& path, const json::Value& expected,
                     const json::Value& actual) {
    if (expected.size() != actual.size()) {
      Add(path, absl::StrCat("expected ", expected.size(), " elements, got ",
                             actual.size()));
    }
    auto other = actual.begin();
    size_t index = 0;
    for (const json::Value& element : expected) {
      if (other == actual.end()) break;
      Compare(absl::StrCat(path, "[", index++, "]"), element, *other);
      ++other;
    }
  }

  const JsonMatch match_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> JsonDifferences(absl::string_view expected,
                                         absl::string_view actual,
                                         JsonMatch match) {
  const auto a = json::Document::Parse(expected);
  const auto b = json::Document::Parse(actual);
  if (!a.ok() || !b.ok()) {
    if (expected == actual) return {};
    return {absl::StrCat("expected ", expected, ", got ", actual)};
  }
  Differ differ(match);
  differ.Compare("", a->root(), b->root());
  return differ.Take();
}

}  // namespace enrich::rest
