#include "adapters/rest/redact.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/json.h"

namespace enrich::rest {
namespace {

constexpr absl::string_view kHidden = "***";

template <typename F>
void WriteHiding(const json::Value& value, const std::string& pointer, F hides,
                 json::Writer& out) {
  if (!pointer.empty() && hides(pointer)) {
    out.String(kHidden);
  } else if (value.is_object()) {
    out.StartObject();
    for (const json::Value& member : value) {
      out.Key(member.key());
      WriteHiding(member, absl::StrCat(pointer, "/", member.key()), hides, out);
    }
    out.EndObject();
  } else if (value.is_array()) {
    out.StartArray();
    size_t index = 0;
    for (const json::Value& element : value) {
      WriteHiding(element, absl::StrCat(pointer, "/", index++), hides, out);
    }
    out.EndArray();
  } else {
    out.Raw(value.ToJson());
  }
}

}  // namespace

bool Redactor::Hides(absl::string_view kind, absl::string_view name) const {
  return std::any_of(places_.begin(), places_.end(),
                     [&](const std::string& place) {
                       absl::string_view rest = place;
                       return absl::ConsumePrefix(&rest, kind) &&
                              absl::EqualsIgnoreCase(rest, name);
                     });
}

std::string Redactor::Pairs(absl::string_view text,
                            absl::string_view kind) const {
  std::vector<std::string> parts;
  for (const absl::string_view part : absl::StrSplit(text, '&')) {
    const absl::string_view name = part.substr(0, part.find('='));
    parts.push_back(Hides(kind, name) ? absl::StrCat(name, "=", kHidden)
                                      : std::string(part));
  }
  return absl::StrJoin(parts, "&");
}

std::string Redactor::Url(absl::string_view url) const {
  const size_t mark = url.find('?');
  if (mark == absl::string_view::npos) return std::string(url);
  return absl::StrCat(url.substr(0, mark + 1),
                      Pairs(url.substr(mark + 1), "query:"));
}

std::string Redactor::Header(absl::string_view name,
                             absl::string_view value) const {
  return std::string(Hides("header:", name) ? kHidden : value);
}

std::string Redactor::Body(absl::string_view body) const {
  const auto document = json::Document::Parse(body);
  if (!document.ok()) return Pairs(body, "body:/");
  json::Writer writer;
  WriteHiding(
      document->root(), "",
      [this](const std::string& pointer) { return Hides("body:", pointer); },
      writer);
  return writer.Take();
}

}  // namespace enrich::rest
