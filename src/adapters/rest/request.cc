#include "adapters/rest/request.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/account_options.h"
#include "base/json.h"

namespace enrich::rest {
namespace {

using expression::Arena;
using expression::Expression;
using expression::Value;

bool IsLeftOut(const Value& value) {
  return !value.truthy() && value.type() != json::Type::kBool;
}

// ---- Templates --------------------------------------------------------------

enum class Escaping { kNone, kUrl };

std::string Escape(Escaping escaping, absl::string_view text) {
  return escaping == Escaping::kUrl ? EscapeUrlPart(text) : std::string(text);
}

std::string FillIn(Placeholder::Kind kind, const Placeholders& fill,
                   Escaping escaping) {
  switch (kind) {
    case Placeholder::Kind::kCallbackUrl:
      return Escape(escaping, fill.callback_url);
    case Placeholder::Kind::kReference:
      return Escape(escaping, fill.reference);
    case Placeholder::Kind::kJob:
      return Escape(escaping, fill.job);
    case Placeholder::Kind::kJobs:
      break;
  }
  return absl::StrJoin(fill.jobs, ",",
                       [&](std::string* out, absl::string_view id) {
                         absl::StrAppend(out, Escape(escaping, id));
                       });
}

// What is written in the file stays as it is; placeholders are escaped.
std::string Render(const Template& text, const Placeholders& fill,
                   Escaping escaping) {
  std::string out;
  for (const auto& part : text.parts) {
    if (const auto* literal = std::get_if<std::string>(&part)) {
      absl::StrAppend(&out, *literal);
    } else {
      absl::StrAppend(&out,
                      FillIn(std::get<Placeholder>(part).kind, fill, escaping));
    }
  }
  return out;
}

bool HasPlaceholder(const Template& text) {
  return std::any_of(text.parts.begin(), text.parts.end(),
                     [](const auto& part) {
                       return std::holds_alternative<Placeholder>(part);
                     });
}

// ---- Queries and forms ------------------------------------------------------

void AddPair(absl::string_view name, absl::string_view value,
             std::string& pairs) {
  absl::StrAppend(&pairs, pairs.empty() ? "" : "&", EscapeUrlPart(name), "=",
                  EscapeUrlPart(value));
}

// A text as it is, anything else as JSON.
std::string ScalarText(const Value& value, Arena& arena) {
  if (value.type() == json::Type::kString) {
    return std::string(value.AsString());
  }
  json::Writer out;
  value.WriteWithin(arena, out);
  return out.Take();
}

// A list is its name again and again.
void AddValue(absl::string_view name, const Value& value, Arena& arena,
              std::string& pairs) {
  if (IsLeftOut(value)) return;
  if (value.type() != json::Type::kArray) {
    AddPair(name, ScalarText(value, arena), pairs);
    return;
  }
  value.ForEachElement([&](const Value& element) {
    if (!IsLeftOut(element)) AddPair(name, ScalarText(element, arena), pairs);
  });
}

// ---- Building ---------------------------------------------------------------

class Builder {
 public:
  Builder(const RequestPlan& plan, const Placeholders& fill,
          const Value& context, Arena& arena)
      : plan_(plan), fill_(fill), context_(context), arena_(arena) {}

  HttpRequest Build() {
    HttpRequest request{.method = plan_.method};
    request.url = Render(plan_.url, fill_, Escaping::kUrl);
    if (const std::string query = Query(); !query.empty()) {
      absl::StrAppend(&request.url,
                      absl::StrContains(request.url, '?') ? "&" : "?", query);
    }
    AddHeaders(request);
    if (plan_.body.has_value()) {
      request.body =
          plan_.format == BodyFormat::kForm ? Form(*plan_.body) : Json();
    }
    if (arena_.exhausted()) request.url.clear();
    return request;
  }

 private:
  Value Evaluate(const Expression& expression) {
    return expression.Evaluate(context_, context_, arena_);
  }

  std::string Query() {
    std::string pairs;
    for (const Parameter& parameter : plan_.query) {
      if (const auto* text = std::get_if<Template>(&parameter.value)) {
        const std::string value = Render(*text, fill_, Escaping::kNone);
        if (value.empty() && HasPlaceholder(*text)) continue;
        AddPair(parameter.name, value, pairs);
      } else {
        AddValue(parameter.name,
                 Evaluate(std::get<Expression>(parameter.value)), arena_,
                 pairs);
      }
    }
    return pairs;
  }

  // ---- Headers --------------------------------------------------------------

  void AddHeaders(HttpRequest& request) {
    for (const auto& [name, text] : plan_.headers) {
      std::string value = Render(text, fill_, Escaping::kNone);
      // An id could otherwise begin another header.
      value.erase(std::remove_if(value.begin(), value.end(),
                                 [](char c) {
                                   return absl::ascii_iscntrl(
                                       static_cast<unsigned char>(c));
                                 }),
                  value.end());
      if (value.empty() && HasPlaceholder(text)) continue;
      request.headers.emplace_back(name, std::move(value));
    }
    AddUnlessSet("Accept", "application/json", request.headers);
    if (!plan_.body.has_value()) return;
    AddUnlessSet("Content-Type",
                 plan_.format == BodyFormat::kForm
                     ? "application/x-www-form-urlencoded"
                     : "application/json",
                 request.headers);
  }

  static void AddUnlessSet(absl::string_view name, absl::string_view value,
                           HttpHeaders& headers) {
    const bool set =
        std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
          return absl::EqualsIgnoreCase(header.first, name);
        });
    if (!set) headers.emplace_back(name, value);
  }

  // ---- Bodies ---------------------------------------------------------------

  std::string Json() {
    json::Writer out;
    Write(*plan_.body, out);
    return out.Take();
  }

  void Write(const BodyNode& node, json::Writer& out) {
    switch (node.kind) {
      case BodyNode::Kind::kLiteral:
        out.Raw(node.literal);
        break;
      case BodyNode::Kind::kExpression:
        Evaluate(*node.expression).WriteWithin(arena_, out);
        break;
      case BodyNode::Kind::kSecret:
        out.String(Render(node.text, fill_, Escaping::kNone));
        break;
      case BodyNode::Kind::kArray:
        out.StartArray();
        for (const BodyNode& element : node.elements) Write(element, out);
        out.EndArray();
        break;
      case BodyNode::Kind::kObject:
        out.StartObject();
        for (const BodyNode::Member& member : node.members) {
          WriteMember(member, out);
        }
        out.EndObject();
        break;
    }
  }

  void WriteMember(const BodyNode::Member& member, json::Writer& out) {
    if (member.value.kind != BodyNode::Kind::kExpression) {
      out.Key(member.key);
      Write(member.value, out);
      return;
    }
    const Value value = Evaluate(*member.value.expression);
    if (IsLeftOut(value)) return;
    out.Key(member.key);
    value.WriteWithin(arena_, out);
  }

  std::string Form(const BodyNode& body) {
    std::string pairs;
    for (const BodyNode::Member& member : body.members) {
      AddFormMember(member, pairs);
    }
    if (body.kind == BodyNode::Kind::kExpression) {
      Evaluate(*body.expression)
          .ForEachMember([&](absl::string_view name, const Value& value) {
            AddValue(name, value, arena_, pairs);
          });
    }
    return pairs;
  }

  void AddFormMember(const BodyNode::Member& member, std::string& pairs) {
    const BodyNode& node = member.value;
    if (node.kind == BodyNode::Kind::kSecret) {
      AddPair(member.key, Render(node.text, fill_, Escaping::kNone), pairs);
      return;
    }
    if (node.kind == BodyNode::Kind::kExpression) {
      AddValue(member.key, Evaluate(*node.expression), arena_, pairs);
      return;
    }
    json::Writer out;
    Write(node, out);
    const std::string text = out.Take();
    const absl::StatusOr<json::Document> document = json::Document::Parse(text);
    if (document.ok()) {
      AddValue(member.key, Value(document->root()), arena_, pairs);
    }
  }

  const RequestPlan& plan_;
  const Placeholders& fill_;
  const Value& context_;
  Arena& arena_;
};

}  // namespace

HttpRequest BuildRequest(const RequestPlan& plan, const Placeholders& fill,
                         const Value& context, Arena& arena) {
  return Builder(plan, fill, context, arena).Build();
}

}  // namespace enrich::rest
