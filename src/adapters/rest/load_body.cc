#include "adapters/rest/load_body.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "base/json.h"

namespace enrich::rest {
namespace {

bool IsJsonNumber(const std::string& text) {
  const auto document = json::Document::Parse(text);
  return document.ok() && document->root().is_number();
}

// What other readers of YAML take for a number, such as 007, +33, .5 or 0x1F.
bool LooksLikeNumber(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  absl::string_view rest = lower;
  if (!rest.empty() && (rest[0] == '+' || rest[0] == '-')) {
    rest.remove_prefix(1);
  }
  if (rest == ".inf" || rest == ".nan") return true;
  if (absl::StartsWith(rest, "0x") || absl::StartsWith(rest, "0o")) {
    rest.remove_prefix(2);
    return !rest.empty() && rest.find_first_not_of("0123456789abcdef") ==
                                absl::string_view::npos;
  }
  double value = 0;
  return rest.find_first_of("0123456789") != absl::string_view::npos &&
         absl::SimpleAtod(rest, &value);
}

BodyNode Literal(std::string json) {
  BodyNode node;
  node.literal = std::move(json);
  return node;
}

std::optional<BodyNode> ReadLeaf(LoadContext& context, const YamlNode& node) {
  if (LoadContext::IsExpression(node)) {
    auto expression = context.ReadExpression(node);
    if (!expression.has_value()) return std::nullopt;
    BodyNode out;
    out.kind = BodyNode::Kind::kExpression;
    out.expression = std::move(expression);
    return out;
  }
  auto json = ScalarToJson(context, node);
  if (!json.has_value()) return std::nullopt;
  return Literal(*std::move(json));
}

void WriteTree(LoadContext& context, const YamlNode& node, json::Writer& out) {
  if (node.is_map()) {
    out.StartObject();
    for (const YamlNode* child : node.children()) {
      out.Key(child->key());
      WriteTree(context, *child, out);
    }
    out.EndObject();
  } else if (node.is_list()) {
    out.StartArray();
    for (const YamlNode* child : node.children()) {
      WriteTree(context, *child, out);
    }
    out.EndArray();
  } else {
    out.Raw(ScalarToJson(context, node).value_or("null"));
  }
}

}  // namespace

std::string TreeToJson(LoadContext& context, const YamlNode& node) {
  json::Writer writer;
  WriteTree(context, node, writer);
  return writer.Take();
}

std::optional<std::string> ScalarToJson(LoadContext& context,
                                        const YamlNode& node) {
  if (node.is_null()) return "null";
  const std::string& text = node.text();
  if (!node.quoted()) {
    if (text == "true" || text == "false" || IsJsonNumber(text)) return text;
    if (LooksLikeNumber(text)) {
      context.Report(node,
                     "is it a number or a text? Quote a text; write a "
                     "number as JSON does");
      return std::nullopt;
    }
  }
  json::Writer writer;
  writer.String(text);
  return writer.Take();
}

std::optional<BodyNode> ReadBody(LoadContext& context, const YamlNode& node) {
  if (!node.is_map() && !node.is_list()) return ReadLeaf(context, node);
  BodyNode out;
  out.kind = node.is_map() ? BodyNode::Kind::kObject : BodyNode::Kind::kArray;
  for (const YamlNode* child : node.children()) {
    std::optional<BodyNode> value = ReadBody(context, *child);
    if (!value.has_value()) continue;
    if (node.is_map()) {
      out.members.push_back({child->key(), *std::move(value)});
    } else {
      out.elements.push_back(*std::move(value));
    }
  }
  return out;
}

std::optional<BodyNode> ReadForm(LoadContext& context, const YamlNode& node) {
  if (!node.is_map()) {
    context.Report(node, "must be a mapping, as body_format is form");
    return std::nullopt;
  }
  for (const YamlNode* child : node.children()) {
    if (child->is_map() || child->is_list()) {
      context.Report(*child, "must be a single value, as body_format is form");
    }
  }
  return ReadBody(context, node);
}

}  // namespace enrich::rest
