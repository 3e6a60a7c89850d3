#include "adapters/rest/load_request.h"

#include <algorithm>
#include <functional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "adapters/rest/expression_words.h"
#include "adapters/rest/load_body.h"
#include "http/header_syntax.h"

namespace enrich::rest {
namespace {

class RequestReader {
 public:
  RequestReader(LoadContext& context, const YamlNode& node,
                const CommonRequest& common, const RequestRules& rules)
      : context_(context), node_(node), common_(common), rules_(rules) {}

  std::optional<RequestPlan> Read() {
    const YamlNode* path = FindMethod();
    ReadQuery();
    ReadAllHeaders();
    ReadWholeBody();
    if (path == nullptr) return std::nullopt;
    auto url = ReadUrl(context_, *path, common_.base_url, rules_);
    if (!url.has_value()) return std::nullopt;
    request_.url = *std::move(url);
    request_.method = absl::AsciiStrToUpper(path->key());
    return std::move(request_);
  }

 private:
  const YamlNode* FindMethod() {
    const YamlNode* found = nullptr;
    for (const std::string& method : rules_.methods) {
      const YamlNode* path = node_.Find(method);
      if (path == nullptr) continue;
      if (found != nullptr) {
        context_.Report(*path,
                        absl::StrCat("there is ", found->key(),
                                     " already: one request, one method"));
      }
      found = path;
    }
    if (found == nullptr) {
      context_.Report(node_,
                      absl::StrCat("needs ", JoinWords(rules_.methods, " or "),
                                   ": the path of the request"));
    }
    return found;
  }

  TemplateRules RulesFor(TemplateRules::Use use) const {
    return {.use = use, .submission = rules_.submission, .job = rules_.job};
  }

  void ReadQuery() {
    if (const YamlNode* query = node_.Find("query"); query != nullptr) {
      if (!query->is_map()) {
        return context_.Report(*query, "must be a mapping of name to value");
      }
      for (const YamlNode* entry : query->children()) ReadParameter(*entry);
    }
    for (const auto& [name, text] : common_.auth_query) {
      request_.query.push_back({name, text});
    }
  }

  void ReadParameter(const YamlNode& entry) {
    for (const auto& [name, text] : common_.auth_query) {
      if (name == entry.key()) {
        context_.Report(entry, "is a credential of auth already");
      }
    }
    if (LoadContext::IsExpression(entry)) {
      if (auto value = context_.ReadExpression(entry)) {
        request_.query.push_back({entry.key(), *std::move(value)});
      }
    } else if (auto text = ReadTemplate(context_, entry,
                                        RulesFor(TemplateRules::Use::kValue))) {
      request_.query.push_back({entry.key(), *std::move(text)});
    }
  }

  // Those of the request go before those of the provider.
  void ReadAllHeaders() {
    if (const YamlNode* headers = node_.Find("headers"); headers != nullptr) {
      request_.headers = ReadHeaders(context_, *headers, rules_);
      for (const YamlNode* entry : headers->children()) {
        if (HasHeader(common_.auth_headers, entry->key())) {
          context_.Report(*entry, "is a credential of auth already");
        }
      }
    }
    for (const auto& header : common_.headers) {
      if (!HasHeader(request_.headers, header.first)) {
        request_.headers.push_back(header);
      }
    }
    request_.headers.insert(request_.headers.end(),
                            common_.auth_headers.begin(),
                            common_.auth_headers.end());
  }

  static bool HasHeader(const NamedTemplates& headers, absl::string_view name) {
    return std::any_of(headers.begin(), headers.end(),
                       [name](const auto& header) {
                         return absl::EqualsIgnoreCase(header.first, name);
                       });
  }

  void ReadWholeBody() {
    ReadFormat();
    const YamlNode* body = node_.Find("body");
    const bool get = node_.Find("get") != nullptr;
    if (get && body != nullptr) {
      context_.Report(*body, "a GET has no body: use query");
    }
    if (get && !common_.auth_body.empty()) {
      context_.ReportKey(node_, "get",
                         "has no body for the credentials of auth.body");
    }
    if (get) return;
    if (body != nullptr) {
      request_.body = request_.format == BodyFormat::kForm
                          ? ReadForm(context_, *body)
                          : ReadBody(context_, *body);
    }
    AddCredentials(body);
  }

  void ReadFormat() {
    const YamlNode* format = node_.Find("body_format");
    if (format == nullptr) return;
    if (format->is_scalar() && format->text() == "form") {
      request_.format = BodyFormat::kForm;
    } else if (!format->is_scalar() || format->text() != "json") {
      context_.Report(*format, "must be json or form");
    }
    if (node_.Find("body") == nullptr) {
      context_.Report(*format, "needs a body");
    }
  }

  void AddCredentials(const YamlNode* body) {
    if (common_.auth_body.empty()) return;
    if (body != nullptr && !body->is_map()) {
      return context_.Report(
          *body, "must be a mapping, as auth.body adds members to it");
    }
    if (!request_.body.has_value()) {
      request_.body.emplace().kind = BodyNode::Kind::kObject;
    }
    for (const auto& [name, text] : common_.auth_body) {
      if (body != nullptr && body->Find(name) != nullptr) {
        context_.ReportKey(*body, name, "is a credential of auth already");
      }
      BodyNode value;
      value.kind = BodyNode::Kind::kSecret;
      value.text = text;
      request_.body->members.push_back({name, std::move(value)});
    }
  }

  LoadContext& context_;
  const YamlNode& node_;
  const CommonRequest& common_;
  const RequestRules& rules_;
  RequestPlan request_;
};

bool AnyExpression(const BodyNode& node,
                   const std::function<bool(const Expression&)>& wanted) {
  if (node.expression.has_value()) return wanted(*node.expression);
  for (const BodyNode::Member& member : node.members) {
    if (AnyExpression(member.value, wanted)) return true;
  }
  for (const BodyNode& element : node.elements) {
    if (AnyExpression(element, wanted)) return true;
  }
  return false;
}

}  // namespace

std::optional<RequestPlan> ReadRequest(LoadContext& context,
                                       const YamlNode& node,
                                       const CommonRequest& common,
                                       const RequestRules& rules) {
  if (!node.is_map()) return std::nullopt;
  return RequestReader(context, node, common, rules).Read();
}

NamedTemplates ReadHeaders(LoadContext& context, const YamlNode& node,
                           const RequestRules& rules) {
  NamedTemplates headers;
  if (!node.is_map()) {
    context.Report(node, "must be a mapping of header to value");
    return headers;
  }
  for (const YamlNode* entry : node.children()) {
    if (!IsHttpToken(entry->key())) {
      context.Report(*entry, "is no name of a header");
    } else if (IsFramingHeader(entry->key())) {
      context.Report(*entry, "is set by the gateway's HTTP client");
    }
    const bool twice =
        std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
          return absl::EqualsIgnoreCase(header.first, entry->key());
        });
    if (twice) context.Report(*entry, "stands here twice");
    auto value = ReadTemplate(context, *entry,
                              {.use = TemplateRules::Use::kHeader,
                               .submission = rules.submission,
                               .job = rules.job});
    if (value.has_value()) headers.emplace_back(entry->key(), *value);
  }
  return headers;
}

std::optional<Template> ReadUrl(LoadContext& context, const YamlNode& node,
                                absl::string_view base_url,
                                const RequestRules& rules) {
  if (!node.is_scalar() || node.text().empty()) {
    context.Report(node, "must be a path such as /v1/people, or a whole URL");
    return std::nullopt;
  }
  const TemplateRules templates = {.use = TemplateRules::Use::kUrl,
                                   .submission = rules.submission,
                                   .job = rules.job};
  if (absl::StartsWith(node.text(), "/")) {
    auto url = ReadTemplate(context, node, templates);
    if (url.has_value()) {
      url->parts.insert(url->parts.begin(), std::string(base_url));
    }
    return url;
  }
  if (!IsHttpUrl(node.text(), false)) {
    context.Report(node,
                   "must be a path that begins with a slash, or a whole URL "
                   "with https://");
    return std::nullopt;
  }
  return ReadTemplate(context, node, templates);
}

bool IsHttpUrl(absl::string_view url, bool plain) {
  if (!absl::ConsumePrefix(&url, "https://") &&
      !(plain && absl::ConsumePrefix(&url, "http://"))) {
    return false;
  }
  const absl::string_view authority = url.substr(0, url.find_first_of("/?"));
  return !authority.empty() &&
         std::all_of(
             authority.begin(), authority.end(),
             [](char c) {
               return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                      absl::string_view("-.:[]").find(c) !=
                          absl::string_view::npos;
             }) &&
         authority.front() != ':' && url.find('#') == absl::string_view::npos;
}

bool RequestMentions(const RequestPlan& request, absl::string_view name) {
  const auto mentions = [name](const Expression& expression) {
    return Mentions(expression, name);
  };
  for (const Parameter& parameter : request.query) {
    const auto* value = std::get_if<Expression>(&parameter.value);
    if (value != nullptr && mentions(*value)) return true;
  }
  return request.body.has_value() && AnyExpression(*request.body, mentions);
}

bool RequestHas(const RequestPlan& request, Placeholder::Kind kind) {
  if (Has(request.url, kind)) return true;
  for (const Parameter& parameter : request.query) {
    const auto* text = std::get_if<Template>(&parameter.value);
    if (text != nullptr && Has(*text, kind)) return true;
  }
  return std::any_of(
      request.headers.begin(), request.headers.end(),
      [kind](const auto& header) { return Has(header.second, kind); });
}

}  // namespace enrich::rest
