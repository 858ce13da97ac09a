from tests.accounts.test_people import *
import re
class ProbeTests:
    def test_x(self, alice):
        for a in (sign_in(browser(), "alice","x"), sign_in(browser(), "nobody@example.org","x"), sign_up(browser(), username="d")):
            print(re.findall(r'class="(?:err|note bad)".*?</(?:span|div)>\s*</', a.content.decode(), re.S))
        assert 0
