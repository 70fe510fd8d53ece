"""The dialect: its rules, and the order in which they are applied."""

from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import toc
from markdown.extensions.attr_list import AttrListExtension
from markdown.extensions.def_list import DefListExtension
from markdown.extensions.md_in_html import MarkdownInHtmlExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from text_unidecode import unidecode

from taiga.base.markdown import code, standard
from taiga.base.markdown.bounds import BLOCK_BUDGET, INLINE_BUDGET, Budget, TooMuch
from taiga.base.markdown.lines import Lines
from taiga.base.markdown.links import Links
from taiga.base.markdown.surroundings import NOWHERE, Attachment, Surroundings
from taiga.base.markdown.tasks import TaskLists


class Dialect(Markdown):
    """A parser. It is expensive to make and has state, so each thread keeps one and reuses it."""

    def __init__(self) -> None:
        self.blocks = Budget()
        self.looks = Budget()
        self.footnotes = standard.Footnotes()
        self.abbreviations = standard.Abbreviations()
        super().__init__(
            extensions=[
                AttrListExtension(),
                DefListExtension(),
                MarkdownInHtmlExtension(),
                SaneListExtension(),
                TableExtension(),
                self.footnotes,
                self.abbreviations,
                standard.Headings(slugify=heading_id),
            ],
            output_format="html",
        )
        self.preprocessors.register(standard.RawHtml(self), "html_block", 20)
        self.preprocessors.register(code.Fences(self), "fences", 25)
        blocks = self.parser.blockprocessors
        blocks.register(TooMuch(self.parser, self.blocks), "too_much", 1000)
        blocks.register(standard.AddressDefinitions(self.parser), "reference", 15)
        blocks.register(standard.Tables(self.parser, {"use_align_attribute": False}), "table", 75)
        self.text_of_lines = Lines(self)
        self.treeprocessors.register(self.text_of_lines, "inline", 20)
        self.treeprocessors.register(code.IndentedCode(self), "indented_code", 30)
        self.treeprocessors.register(TaskLists(self), "task_lists", 25)
        self.treeprocessors.register(Links(self), "links", 12)
        self.begin(NOWHERE)

    def begin(self, place: Surroundings) -> None:
        """Reset the state for a text in these surroundings."""
        self.reset()
        self.blocks.left = BLOCK_BUDGET
        self.looks.left = INLINE_BUDGET
        self.colours_left = code.COLOURED
        self.place = place
        self.members: dict[str, str] = dict(place.members)
        self.items: dict[int, tuple[str, str]] = dict(place.items)
        self.attachments: dict[Attachment, str] = dict(place.attachments)
        self.mentioned: set[str] = set()

    def tree(self, text: str) -> Element:
        """The parsed text. The texts of its elements hold character references and placeholders."""
        lines = text.split("\n")
        for preprocessor in self.preprocessors:
            lines = preprocessor.run(lines)
        self.parser.parseDocument(lines)
        root = self.parser.root
        for treeprocessor in self.treeprocessors:
            changed = treeprocessor.run(root)
            root = root if changed is None else changed
        return root

    def finished(self, html: str) -> str:
        """HTML with its placeholders replaced."""
        for postprocessor in self.postprocessors:
            html = postprocessor.run(html)
        return html.strip()

    def inside(self, root: Element) -> str:
        """The tree as HTML, as the library writes it: not sanitised, with placeholders."""
        return self.serializer(root).strip().removeprefix("<div>").removesuffix("</div>").strip()

    @property
    def has_raw_html(self) -> bool:
        """Whether the text contains HTML."""
        return not all(type(piece) is code.Coloured for piece in self.htmlStash.rawHtmlBlocks)

    @property
    def stashed(self) -> dict[str, Element | str]:
        """What the inline patterns have replaced in the tree so far, by the number of its placeholder."""
        return self.text_of_lines.stashed_nodes

    def coloured(self, source: str, options: code.Options) -> str:
        """A block of code as HTML, highlighted within the budget."""
        self.colours_left -= code.cost(source, options)
        return code.coloured(source, options, plain=self.colours_left < 0)

    def wiki_page(self, slug: str) -> str:
        """The address of a wiki page."""
        return f"{self.place.front}/project/{self.place.slug}/wiki/{slug}"


def heading_id(text: str, separator: str) -> str:
    """The `id` of a heading."""
    return toc.slugify(unidecode(text), separator)
