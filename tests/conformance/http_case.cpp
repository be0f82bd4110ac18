#include "http_case.hpp"

namespace conformance
{

expected_answer expected_answer::with(std::string field, std::string member) const
{
    expected_answer more = *this;
    more.members.emplace_back(std::move(field), std::move(member));
    return more;
}

expected_answer status(int code)
{
    return {.status = code};
}

expected_answer ok(std::string body)
{
    return {.status = 200, .body = std::move(body)};
}

expected_answer head(int code)
{
    return {.status = code, .to_head = true};
}

outcomes served(std::vector<expected_answer> answers)
{
    return {{std::move(answers), ending::stays}};
}

outcomes served(std::string body)
{
    return served({ok(std::move(body))});
}

outcomes served_and_closed(std::vector<expected_answer> answers)
{
    return {{std::move(answers), ending::closes}};
}

outcomes refused(int code)
{
    return served_and_closed({status(code)});
}

outcomes answered(expected_answer answer)
{
    return any_of({served({answer}), served_and_closed({answer})});
}

outcomes answered(int code)
{
    return answered(status(code));
}

outcomes finished(std::vector<expected_answer> answers)
{
    return {{answers, ending::ends}, {answers, ending::closes}};
}

outcomes any_of(std::initializer_list<outcomes> several)
{
    outcomes all;
    for (const outcomes& some : several)
    {
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

std::string byte_name(std::string_view prefix, unsigned char byte)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name(prefix);
    name += "_0x";
    name += digits[byte >> 4];
    name += digits[byte & 15];
    return name;
}

} // namespace conformance
