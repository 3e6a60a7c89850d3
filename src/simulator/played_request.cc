#include "simulator/played_request.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace enrich::simulator {
namespace {

using rest::BodyNode;
using rest::Parameter;
using rest::RequestPlan;
using rest::Template;

// The text; nothing where it has placeholders.
std::optional<std::string> FixedText(const Template& text) {
  std::string out;
  for (const auto& part : text.parts) {
    const auto* literal = std::get_if<std::string>(&part);
    if (literal == nullptr) return std::nullopt;
    absl::StrAppend(&out, *literal);
  }
  return out;
}

bool IsLiteral(const json::Value& value, absl::string_view literal) {
  const auto document = json::Document::Parse(literal);
  if (!document.ok()) return false;
  const json::Value expected = document->root();
  return expected.is_string() || expected.is_number()
             ? value.AsText() == expected.AsText()
             : value.ToJson() == expected.ToJson() ||
                   value.AsString() == expected.ToJson();
}

// ---- Shapes -----------------------------------------------------------------

// Where a body is not what the file makes; empty when it is. A member that an
// expression gives may be left out.
std::string Mismatch(const BodyNode& node, const json::Value& value,
                     const std::string& place);

std::string MismatchOfObject(const BodyNode& node, const json::Value& value,
                             const std::string& place) {
  if (!value.is_object() && !value.missing()) return place;
  for (const BodyNode::Member& member : node.members) {
    std::string wrong = Mismatch(member.value, value[member.key],
                                 absl::StrCat(place, "/", member.key));
    if (!wrong.empty()) return wrong;
  }
  for (const json::Value member : value) {
    const bool known = std::any_of(
        node.members.begin(), node.members.end(),
        [&](const auto& expected) { return expected.key == member.key(); });
    if (!known) return absl::StrCat(place, "/", member.key());
  }
  return "";
}

std::string Mismatch(const BodyNode& node, const json::Value& value,
                     const std::string& place) {
  switch (node.kind) {
    case BodyNode::Kind::kLiteral:
      return IsLiteral(value, node.literal) ? "" : place;
    case BodyNode::Kind::kObject:
      return MismatchOfObject(node, value, place);
    case BodyNode::Kind::kArray: {
      if (value.size() > node.elements.size()) return place;
      size_t index = 0;
      for (const BodyNode& element : node.elements) {
        const std::string at = absl::StrCat(place, "/", index);
        std::string wrong = Mismatch(element, value.at(index++), at);
        if (!wrong.empty()) return wrong;
      }
      return "";
    }
    case BodyNode::Kind::kExpression:
    case BodyNode::Kind::kSecret:
      break;
  }
  return "";
}

const std::string* FindParameter(const ApiCall& call, absl::string_view name) {
  for (const auto& [key, value] : call.query) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string MismatchOfQuery(const RequestPlan& request, const ApiCall& call) {
  for (const Parameter& parameter : request.query) {
    const auto* text = std::get_if<Template>(&parameter.value);
    if (text == nullptr || text->secret) continue;
    const std::optional<std::string> expected = FixedText(*text);
    const std::string* given = FindParameter(call, parameter.name);
    if (expected.has_value() && (given == nullptr || *given != *expected)) {
      return absl::StrCat("?", parameter.name);
    }
  }
  for (const auto& given : call.query) {
    const bool known = std::any_of(request.query.begin(), request.query.end(),
                                   [&](const Parameter& parameter) {
                                     return parameter.name == given.first;
                                   });
    if (!known) return absl::StrCat("?", given.first);
  }
  return "";
}

std::string MismatchOfCall(const RequestPlan& request, const ApiCall& call,
                           const json::Value& body) {
  std::string wrong = MismatchOfQuery(request, call);
  if (!wrong.empty()) return wrong;
  if (request.body.has_value()) {
    return Mismatch(*request.body, body.null() ? json::Value() : body, "");
  }
  return call.body.empty() ? "" : "the body";
}

bool HasBodySecrets(const RequestPlan& request, const ApiCall& call) {
  if (!request.body.has_value()) return true;
  const json::Document body = BodyDocument(call.body);
  return std::all_of(request.body->members.begin(), request.body->members.end(),
                     [&](const BodyNode::Member& member) {
                       return member.value.kind != BodyNode::Kind::kSecret ||
                              body.root()[member.key].AsText() ==
                                  FixedText(member.value.text);
                     });
}

}  // namespace

json::Document BodyDocument(absl::string_view body) {
  absl::StatusOr<json::Document> document = json::Document::Parse(body);
  if (document.ok()) return *std::move(document);
  json::Writer out;
  out.StartObject();
  for (const auto& [name, value] : ParseParameters(body)) {
    out.Member(name, value);
  }
  out.EndObject();
  document = json::Document::Parse(body.empty() ? "null" : out.Take());
  return document.ok() ? *std::move(document) : *json::Document::Parse("null");
}

bool IsCallOf(const RequestPlan& request, absl::string_view method,
              absl::string_view path) {
  return request.method == method && IsPathOf(request, path);
}

absl::StatusOr<PlayedCall> ReadSubmission(const ProviderScript& script,
                                          const ApiCall& call) {
  const json::Document body = BodyDocument(call.body);
  std::string why = "no operation has this path";
  for (const PlayedVariant& variant : script.variants()) {
    const RequestPlan& request = variant.plan->submit.request;
    if (!IsCallOf(request, call.method, call.path)) continue;
    const std::string wrong = MismatchOfCall(request, call, body.root());
    if (!wrong.empty()) {
      why = absl::StrCat("the file sends something else at ", wrong);
      continue;
    }
    auto requested = variant.request->Read(body.root(), call.query);
    if (!requested.ok()) return requested.status();
    const int count = static_cast<int>(requested->contacts.size());
    if (count < variant.min_contacts || count > variant.max_contacts) {
      why = absl::StrCat(count, " contacts are too few or too many");
      continue;
    }
    return PlayedCall{.variant = &variant, .requested = *std::move(requested)};
  }
  return absl::InvalidArgumentError(why);
}

bool HasCredentials(const RequestPlan& request, const ApiCall& call,
                    absl::string_view token) {
  if (!token.empty() && FindHeader(call.headers, "authorization") !=
                            absl::StrCat("Bearer ", token)) {
    return false;
  }
  for (const auto& [name, text] : request.headers) {
    const std::optional<std::string> expected = FixedText(text);
    if (expected.has_value() && FindHeader(call.headers, name) != *expected) {
      return false;
    }
  }
  for (const Parameter& parameter : request.query) {
    const auto* text = std::get_if<Template>(&parameter.value);
    if (text == nullptr || !text->secret) continue;
    const std::string* given = FindParameter(call, parameter.name);
    if (given == nullptr || *given != FixedText(*text)) return false;
  }
  return HasBodySecrets(request, call);
}

}  // namespace enrich::simulator
